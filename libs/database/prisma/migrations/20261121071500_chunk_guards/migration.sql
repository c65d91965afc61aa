-- What a dispatcher is about to handle for the first time after its start. A row that is still there at the next start says
-- that the process ended in between: a record that kills every process is found by counting.
CREATE TABLE chunk_guards (
  topic      text NOT NULL,
  part       integer NOT NULL,
  off        bigint NOT NULL,
  -- Records from from_off to before until_off are handled one by one; null while the chunk is handled whole.
  from_off   bigint,
  until_off  bigint,
  strikes    integer NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, part),
  CONSTRAINT chunk_guards_strikes CHECK (strikes >= 1),
  CONSTRAINT chunk_guards_until CHECK ((from_off IS NULL) = (until_off IS NULL) AND from_off <= off AND off < until_off)
) WITH (fillfactor = 50);
