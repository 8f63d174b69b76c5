CREATE TABLE configured_secrets (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    stored_at_ms BIGINT NOT NULL,
    rotated_at_ms BIGINT NOT NULL,
    read_at_ms BIGINT NOT NULL
);
