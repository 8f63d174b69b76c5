CREATE TABLE members (
    person TEXT PRIMARY KEY,
    email BYTEA NOT NULL,
    role TEXT NOT NULL,
    suspended BIGINT NOT NULL,
    joined_at_ms BIGINT NOT NULL
);
