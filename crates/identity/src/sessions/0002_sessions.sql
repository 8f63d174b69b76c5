ALTER TABLE sessions ADD COLUMN owes_second_factor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN second_factor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN fresh_until_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN refreshed_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN rotation_due BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN address BYTEA;
ALTER TABLE sessions ADD COLUMN agent BYTEA;
ALTER TABLE sessions ADD COLUMN place BYTEA;
CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);
