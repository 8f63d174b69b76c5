CREATE TABLE recovery_codes (
    person TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    made_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT,
    PRIMARY KEY (person, code_hash)
);
