ALTER TABLE people ADD COLUMN verified_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN name BYTEA;
UPDATE people SET verified_at_ms = created_at_ms;
