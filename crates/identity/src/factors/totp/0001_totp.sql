CREATE TABLE totp_factors (
    person TEXT PRIMARY KEY,
    secret_sealed BYTEA NOT NULL,
    started_at_ms BIGINT NOT NULL,
    confirmed_at_ms BIGINT,
    last_step BIGINT NOT NULL
);
