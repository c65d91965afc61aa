-- What a user may start. No row, and null in a row, mean no limit. Held by the deciding transaction.
CREATE TABLE user_quotas (
  user_id        uuid PRIMARY KEY REFERENCES users (id),
  max_active     integer,
  max_per_minute integer,
  max_per_day    integer,
  updated_by     uuid REFERENCES users (id),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT user_quotas_max_active CHECK (max_active >= 0),
  CONSTRAINT user_quotas_max_per_minute CHECK (max_per_minute >= 0),
  CONSTRAINT user_quotas_max_per_day CHECK (max_per_day >= 0)
);
COMMENT ON COLUMN user_quotas.max_active IS 'Runs of the user that wait or work at once';
COMMENT ON COLUMN user_quotas.max_per_minute IS 'Runs of the user started in a minute, by the clock of this database';
COMMENT ON COLUMN user_quotas.max_per_day IS 'Runs of the user started in a day, by the clock of this database';
