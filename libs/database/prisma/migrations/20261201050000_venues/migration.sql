-- Venues outside Tripline, and who may trade there. Credentials are not stored: a worker's configuration binds a broker's URL
-- and token to a venue by its name. The paper venues (`paper`, `paper-<name>`) are open to every user and have no row.
-- Pipelines that already name another venue keep it, but their executions are skipped with `venue_not_permitted` until an admin
-- creates the venue and grants it to the pipeline's owner.
CREATE TABLE venues (
  name       text PRIMARY KEY,
  is_enabled boolean NOT NULL DEFAULT true,
  created_by uuid NOT NULL REFERENCES users (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT venues_name CHECK (name ~ '^[a-z][a-z0-9_-]{0,31}$' AND name !~ '^paper(-|$)')
);

CREATE TABLE venue_grants (
  venue      text NOT NULL REFERENCES venues (name),
  user_id    uuid NOT NULL REFERENCES users (id),
  granted_by uuid NOT NULL REFERENCES users (id),
  granted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (venue, user_id)
);
CREATE INDEX venue_grants_user ON venue_grants (user_id);
