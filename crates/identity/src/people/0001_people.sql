CREATE TABLE people (
    id TEXT PRIMARY KEY,
    email BYTEA NOT NULL,
    email_index BYTEA NOT NULL UNIQUE,
    password_sealed BYTEA NOT NULL,
    created_at_ms BIGINT NOT NULL
);
