-- Old ledger lines go with their signal, found by signals_recorded. Those of triggers without a signal are found by this.
CREATE INDEX signal_matches_direct ON signal_matches (decided_at) WHERE topic IS NULL;
