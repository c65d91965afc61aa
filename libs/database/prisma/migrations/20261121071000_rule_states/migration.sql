-- What a pipeline's multi-signal rule remembers of one ticker: at most 16 waiting signals a condition.
-- Written only inside the deciding transaction, under the pipeline's trigger_states row.
CREATE TABLE rule_states (
  pipeline_id uuid NOT NULL REFERENCES pipelines (id),
  ticker text NOT NULL,
  -- Of the pipeline: a state of another version counts as empty.
  version integer NOT NULL,
  state jsonb NOT NULL,
  -- When a deadline of an absence falls due, by this database's clock; null when nothing waits for one.
  due_at timestamptz,
  -- From then on no signal can need it any more.
  stale_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline_id, ticker)
);
CREATE INDEX rule_states_due ON rule_states (due_at) WHERE due_at IS NOT NULL;
