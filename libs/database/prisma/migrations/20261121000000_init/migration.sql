-- Tripline schema. Postgres is the only authority: Kafka offsets and Redis jobs are hints.
-- Identifiers: unquoted snake case. Money and quantities: numeric. Times: timestamptz.
-- Tables written once per signal or per run carry no foreign keys to other hot tables: their writers insert the parent in
-- the same statement, and a key check per row is measurable there.

-- Users and what they own -----------------------------------------------------------------------------------------------

CREATE TABLE users (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email         text NOT NULL,
  password_hash text NOT NULL,
  role          text NOT NULL DEFAULT 'trader',
  is_active     boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT users_role CHECK (role IN ('admin', 'trader')),
  CONSTRAINT users_email_lower CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254)
);
CREATE UNIQUE INDEX users_email_key ON users (email);

CREATE TABLE scanners (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id    uuid NOT NULL REFERENCES users (id),
  name       text NOT NULL,
  tickers    text[] NOT NULL,
  version    integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT scanners_name CHECK (length(name) BETWEEN 1 AND 120),
  CONSTRAINT scanners_tickers CHECK (cardinality(tickers) BETWEEN 1 AND 500),
  CONSTRAINT scanners_version CHECK (version >= 1)
);
CREATE UNIQUE INDEX scanners_user_name_key ON scanners (user_id, name);

-- Head of a pipeline; what it does is in pipeline_versions. `is_active` and `trigger_mode` repeat the current version's
-- values so that the hot path need not open the document.
CREATE TABLE pipelines (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id      uuid NOT NULL REFERENCES users (id),
  name         text NOT NULL,
  trigger_mode text NOT NULL,
  is_active    boolean NOT NULL,
  version      integer NOT NULL DEFAULT 1,
  scanner_id   uuid REFERENCES scanners (id),
  next_run_at  timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted_at   timestamptz,
  CONSTRAINT pipelines_trigger_mode CHECK (trigger_mode IN ('signal', 'periodic', 'manual', 'webhook')),
  CONSTRAINT pipelines_name CHECK (length(name) BETWEEN 1 AND 120),
  CONSTRAINT pipelines_version CHECK (version >= 1),
  CONSTRAINT pipelines_deleted_inactive CHECK (deleted_at IS NULL OR NOT is_active)
);
CREATE UNIQUE INDEX pipelines_user_name_key ON pipelines (user_id, name) WHERE deleted_at IS NULL;
CREATE INDEX pipelines_user_created ON pipelines (user_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX pipelines_scanner ON pipelines (scanner_id) WHERE deleted_at IS NULL AND scanner_id IS NOT NULL;
CREATE INDEX pipelines_schedule ON pipelines (next_run_at NULLS FIRST) WHERE is_active AND trigger_mode = 'periodic';

-- Immutable: every change of a pipeline adds a row.
CREATE TABLE pipeline_versions (
  pipeline_id uuid NOT NULL REFERENCES pipelines (id),
  version     integer NOT NULL,
  definition  jsonb NOT NULL,
  created_by  uuid NOT NULL REFERENCES users (id),
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline_id, version)
);

-- The row a decision locks. `last_occurred_at` is event time, so that replay and live agree about cooldown.
CREATE TABLE trigger_states (
  pipeline_id       uuid PRIMARY KEY REFERENCES pipelines (id),
  last_occurred_at  timestamptz,
  last_execution_id uuid,
  triggered_count   bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Signals and decisions -------------------------------------------------------------------------------------------------

-- Signals that matched at least one pipeline; the others are only counted, in consumer_progress.
CREATE TABLE signals (
  id          uuid PRIMARY KEY,
  signal_type text NOT NULL,
  source      text NOT NULL,
  occurred_at timestamptz NOT NULL,
  tickers     jsonb NOT NULL,
  metadata    jsonb NOT NULL,
  schema_version integer NOT NULL DEFAULT 1,
  topic       text,
  part        integer,
  off         bigint,
  appended_at timestamptz,
  traceparent text,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX signals_recorded ON signals (recorded_at DESC, id DESC);

-- The ledger: exactly one outcome per (pipeline, trigger). For periodic and manual runs `signal_id` is the trigger's id.
CREATE TABLE signal_matches (
  pipeline_id      uuid NOT NULL,
  signal_id        uuid NOT NULL,
  user_id          uuid NOT NULL,
  pipeline_version integer NOT NULL,
  trigger_mode     text NOT NULL,
  signal_type      text,
  ticker           text,
  direction        text,
  confidence       double precision,
  outcome          text NOT NULL,
  reason           text NOT NULL,
  detail           jsonb NOT NULL DEFAULT '{}',
  execution_id     uuid,
  topic            text,
  part             integer,
  off              bigint,
  occurred_at      timestamptz NOT NULL,
  decided_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (signal_id, pipeline_id),
  CONSTRAINT signal_matches_outcome CHECK (outcome IN ('TRIGGERED', 'COALESCED', 'SKIPPED_ACTIVE', 'SKIPPED_COOLDOWN',
    'SKIPPED_MARKET_CLOSED', 'SKIPPED_QUOTA', 'SKIPPED_RISK_HALT', 'SKIPPED_QUALITY', 'EXPIRED')),
  CONSTRAINT signal_matches_triggered_has_run CHECK ((outcome = 'TRIGGERED') = (execution_id IS NOT NULL))
);
CREATE INDEX signal_matches_why ON signal_matches (pipeline_id, decided_at DESC, signal_id DESC);
CREATE INDEX signal_matches_user ON signal_matches (user_id, decided_at DESC, signal_id DESC);

-- Ring of the last misses of a pipeline: `slot` wraps, the newest overwrites the oldest.
CREATE TABLE near_misses (
  pipeline_id uuid NOT NULL,
  slot        smallint NOT NULL,
  signal_id   uuid NOT NULL,
  signal_type text NOT NULL,
  ticker      text NOT NULL,
  reason      text NOT NULL,
  detail      jsonb NOT NULL DEFAULT '{}',
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline_id, slot)
);

-- Records of the topic that are no signal; the prefix is bounded so that a bad producer cannot fill the disk.
CREATE TABLE dead_signals (
  topic       text NOT NULL,
  part        integer NOT NULL,
  epoch       integer NOT NULL DEFAULT 0,
  off         bigint NOT NULL,
  reason      text NOT NULL,
  detail      text NOT NULL DEFAULT '',
  raw_sha256  text NOT NULL,
  raw_prefix  bytea NOT NULL,
  traceparent text,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, part, epoch, off),
  CONSTRAINT dead_signals_prefix CHECK (octet_length(raw_prefix) <= 256),
  CONSTRAINT dead_signals_detail CHECK (length(detail) <= 500)
);
CREATE INDEX dead_signals_recorded ON dead_signals (recorded_at DESC);

-- How far each partition is decided. `epoch` grows when the topic was recreated. Counters count every record once.
CREATE TABLE consumer_progress (
  topic      text NOT NULL,
  part       integer NOT NULL,
  epoch      integer NOT NULL DEFAULT 0,
  next_off   bigint NOT NULL DEFAULT 0,
  records    bigint NOT NULL DEFAULT 0,
  valid      bigint NOT NULL DEFAULT 0,
  dead       bigint NOT NULL DEFAULT 0,
  matched    bigint NOT NULL DEFAULT 0,
  unmatched  bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  skipped_offsets bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, part),
  CONSTRAINT consumer_progress_adds_up CHECK (records = valid + dead AND valid = matched + unmatched)
) WITH (fillfactor = 50);

-- Executions ------------------------------------------------------------------------------------------------------------

CREATE TABLE executions (
  id               uuid PRIMARY KEY,
  user_id          uuid NOT NULL,
  pipeline_id      uuid NOT NULL,
  pipeline_version integer NOT NULL,
  trigger_mode     text NOT NULL,
  signal_id        uuid NOT NULL,
  signal_type      text,
  ticker           text,
  direction        text,
  occurred_at      timestamptz NOT NULL,
  status           text NOT NULL DEFAULT 'pending',
  traceparent      text,
  dispatch_gen     integer NOT NULL DEFAULT 1,
  requested_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  enqueued_at      timestamptz,
  attempt          integer NOT NULL DEFAULT 0,
  max_attempts     integer NOT NULL DEFAULT 5,
  lease_token      bigint NOT NULL DEFAULT 0,
  lease_owner      text,
  lease_until      timestamptz,
  deadline_at      timestamptz,
  -- Not now(), the start of the transaction: a run created after another ended must not seem to begin before that end.
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at       timestamptz,
  finished_at      timestamptz,
  cost             numeric NOT NULL DEFAULT 0,
  stop_reason      text,
  result           jsonb,
  error            text,
  CONSTRAINT executions_status CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled', 'timed_out', 'skipped')),
  CONSTRAINT executions_finished CHECK ((status IN ('pending', 'running')) = (finished_at IS NULL)),
  CONSTRAINT executions_lease CHECK (status <> 'running' OR lease_until IS NOT NULL),
  CONSTRAINT executions_error CHECK (length(error) <= 2000)
) WITH (fillfactor = 70);
-- The wall: whatever a writer believes, a pipeline has at most one unfinished execution.
CREATE UNIQUE INDEX one_active ON executions (pipeline_id) WHERE status IN ('pending', 'running');
-- For the sweeper. Two indexes, neither of which covers both statuses: the look-up of a pipeline's unfinished execution must
-- go through one_active, never through all unfinished ones.
CREATE INDEX executions_pending ON executions (requested_at) WHERE status = 'pending';
CREATE INDEX executions_running ON executions (lease_until) WHERE status = 'running';
CREATE INDEX executions_user ON executions (user_id, created_at DESC, id DESC);
CREATE INDEX executions_pipeline ON executions (pipeline_id, created_at DESC, id DESC);
CREATE INDEX executions_created ON executions (created_at DESC, id DESC);

-- Memoised agent results: on a retry the stored row wins.
CREATE TABLE execution_steps (
  execution_id uuid NOT NULL,
  step_no      smallint NOT NULL,
  agent        text NOT NULL,
  status       text NOT NULL,
  reason       text,
  message      text,
  output       jsonb,
  duration_ms  double precision NOT NULL,
  cost         numeric NOT NULL DEFAULT 0,
  recorded_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (execution_id, step_no),
  CONSTRAINT execution_steps_status CHECK (status IN ('continue', 'stop', 'failed')),
  CONSTRAINT execution_steps_duration CHECK (duration_ms >= 0)
);

-- Orders and accounts ---------------------------------------------------------------------------------------------------

-- What was decided to send, before it is sent: on a retry this row wins over any later answer of the agents.
CREATE TABLE order_intents (
  client_order_id text PRIMARY KEY,
  execution_id    uuid NOT NULL,
  pipeline_id     uuid NOT NULL,
  params          jsonb NOT NULL,
  state           text NOT NULL DEFAULT 'intent',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT order_intents_state CHECK (state IN ('intent', 'submitted', 'acked', 'rejected', 'abandoned'))
);
CREATE INDEX order_intents_execution ON order_intents (execution_id);

CREATE TABLE orders (
  client_order_id text PRIMARY KEY,
  execution_id    uuid NOT NULL,
  pipeline_id     uuid NOT NULL,
  user_id         uuid NOT NULL,
  ticker          text NOT NULL,
  side            text NOT NULL,
  order_type      text NOT NULL,
  quantity        numeric NOT NULL,
  reference_price numeric NOT NULL,
  stop_price      numeric,
  target_price    numeric,
  status          text NOT NULL,
  reason          text,
  filled_quantity numeric NOT NULL DEFAULT 0,
  avg_fill_price  numeric,
  fees            numeric NOT NULL DEFAULT 0,
  occurred_at     timestamptz NOT NULL,
  traceparent     text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT orders_side CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT orders_type CHECK (order_type IN ('MARKET')),
  CONSTRAINT orders_status CHECK (status IN ('accepted', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired')),
  CONSTRAINT orders_quantity CHECK (quantity > 0 AND filled_quantity >= 0 AND filled_quantity <= quantity)
);
CREATE INDEX orders_resting ON orders (created_at, client_order_id) WHERE status IN ('accepted', 'partially_filled');
CREATE INDEX orders_execution ON orders (execution_id);
CREATE INDEX orders_pipeline ON orders (pipeline_id, created_at DESC, client_order_id DESC);
CREATE INDEX orders_user ON orders (user_id, created_at DESC, client_order_id DESC);

-- `id` is <client_order_id>-f<sequence>: the same fill cannot be booked twice.
CREATE TABLE fills (
  id              text PRIMARY KEY,
  client_order_id text NOT NULL,
  sequence        integer NOT NULL,
  pipeline_id     uuid NOT NULL,
  ticker          text NOT NULL,
  side            text NOT NULL,
  quantity        numeric NOT NULL,
  price           numeric NOT NULL,
  fee             numeric NOT NULL,
  slippage_cost   numeric NOT NULL,
  realised_pnl    numeric NOT NULL,
  filled_at       timestamptz NOT NULL,
  recorded_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fills_side CHECK (side IN ('BUY', 'SELL')),
  CONSTRAINT fills_positive CHECK (sequence >= 1 AND quantity > 0 AND price > 0 AND fee >= 0)
);
CREATE UNIQUE INDEX fills_order_key ON fills (client_order_id, sequence);
CREATE INDEX fills_pipeline ON fills (pipeline_id, filled_at);

-- One paper account per pipeline; `version` grows with every change and guards against a lost update.
CREATE TABLE paper_accounts (
  pipeline_id  uuid PRIMARY KEY REFERENCES pipelines (id),
  initial_cash numeric NOT NULL,
  cash         numeric NOT NULL,
  version      bigint NOT NULL DEFAULT 0,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT paper_accounts_initial CHECK (initial_cash > 0)
) WITH (fillfactor = 50);

CREATE TABLE positions (
  pipeline_id  uuid NOT NULL REFERENCES paper_accounts (pipeline_id),
  ticker       text NOT NULL,
  qty          numeric NOT NULL,
  avg_price    numeric NOT NULL,
  realised_pnl numeric NOT NULL,
  fees         numeric NOT NULL,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline_id, ticker)
) WITH (fillfactor = 50);

CREATE TABLE outbox_notifications (
  event_id   text PRIMARY KEY,
  user_id    uuid NOT NULL,
  kind       text NOT NULL,
  payload    jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at    timestamptz,
  attempts   integer NOT NULL DEFAULT 0
);
CREATE INDEX outbox_notifications_unsent ON outbox_notifications (created_at) WHERE sent_at IS NULL;

-- Change notification ---------------------------------------------------------------------------------------------------

-- Dispatchers LISTEN on pipelines_changed; the payload is the pipeline's id. A change of a scanner reaches its pipelines as
-- new versions, so pipelines are the only source.
CREATE FUNCTION notify_pipelines_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('pipelines_changed', NEW.id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER pipelines_changed_insert AFTER INSERT ON pipelines
  FOR EACH ROW EXECUTE FUNCTION notify_pipelines_changed();
-- next_run_at moves with every periodic run and is of no interest to the match index.
CREATE TRIGGER pipelines_changed_update AFTER UPDATE ON pipelines
  FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version OR OLD.is_active IS DISTINCT FROM NEW.is_active
    OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
  EXECUTE FUNCTION notify_pipelines_changed();
