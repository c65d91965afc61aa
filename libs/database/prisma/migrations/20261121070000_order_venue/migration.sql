-- Where an order was sent: 'paper' is the internal broker, whose resting orders we fill ourselves.
ALTER TABLE orders ADD COLUMN venue text NOT NULL DEFAULT 'paper';

-- For intents whose order may be at a broker although their run has ended.
CREATE INDEX order_intents_submitted ON order_intents (updated_at) WHERE state = 'submitted';
