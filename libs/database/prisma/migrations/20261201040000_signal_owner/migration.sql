-- Who published a signal through the API, and whose pipelines alone it can match (null: it is shared). Both are ids of users, without
-- a foreign key: the topic may outlive an account, and a record must not fail because of that.
ALTER TABLE signals ADD COLUMN publisher_id uuid, ADD COLUMN owner_id uuid;

-- A page of "shared signals and your own" reads both, each in order: private signals of other users lie in neither.
CREATE INDEX signals_shared ON signals (recorded_at DESC, id DESC) WHERE owner_id IS NULL;
CREATE INDEX signals_owned ON signals (owner_id, recorded_at DESC, id DESC) WHERE owner_id IS NOT NULL;
