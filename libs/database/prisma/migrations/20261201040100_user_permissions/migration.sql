-- Everything an administrator allowed a user beyond their role, e.g. `publish:shared`.
ALTER TABLE users ADD COLUMN permissions text[] NOT NULL DEFAULT '{}';
