-- The secret a pipeline's webhook is called with. The secret itself is not stored: `secret_sha256` checks a bearer secret,
-- and `salt` lets the api derive the secret again, with a key that is not in this database, to check a signature.
CREATE TABLE pipeline_webhooks (
  pipeline_id   uuid PRIMARY KEY REFERENCES pipelines (id),
  salt          bytea NOT NULL,
  secret_sha256 bytea NOT NULL,
  created_by    uuid NOT NULL REFERENCES users (id),
  created_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT pipeline_webhooks_salt CHECK (length(salt) = 16),
  CONSTRAINT pipeline_webhooks_secret CHECK (length(secret_sha256) = 32)
);
