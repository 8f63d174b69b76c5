CREATE TABLE factor_tries (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    session TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX factor_tries_of_person ON factor_tries (person, at_ms);
CREATE TABLE security_notices (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    address BYTEA NOT NULL
);
CREATE INDEX security_notices_of_person ON security_notices (person, at_ms);
ALTER TABLE people ADD COLUMN factors_frozen_until_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN reminder_dismissed_until_ms BIGINT NOT NULL DEFAULT 0;
