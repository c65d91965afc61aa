-- The kill switch. A halt is latched: it holds until a person lifts it with a reason. Rows are never deleted: they are the
-- audit of who stopped what, when and why. A halt made stricter is lifted and engaged anew in one transaction.
CREATE TABLE halts (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  level       text NOT NULL,
  subject     text NOT NULL DEFAULT '',
  mode        text NOT NULL,
  reason      text NOT NULL,
  engaged_by  uuid NOT NULL REFERENCES users (id),
  engaged_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  lifted_by   uuid REFERENCES users (id),
  lifted_at   timestamptz,
  lift_reason text,
  CONSTRAINT halts_level CHECK (level IN ('global', 'user', 'pipeline', 'ticker', 'venue')),
  CONSTRAINT halts_subject CHECK ((level = 'global') = (subject = '') AND length(subject) <= 64),
  CONSTRAINT halts_mode CHECK (mode IN ('reduce_only', 'pause', 'cancel', 'flatten')),
  CONSTRAINT halts_reason CHECK (length(reason) BETWEEN 1 AND 500 AND length(lift_reason) BETWEEN 1 AND 500),
  CONSTRAINT halts_lifted CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL))
);
CREATE UNIQUE INDEX halts_active ON halts (level, subject) WHERE lifted_at IS NULL;
CREATE INDEX halts_engaged ON halts (engaged_at DESC, id DESC);
