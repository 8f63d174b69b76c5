CREATE TABLE invited (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    sending BIGINT NOT NULL,
    email BYTEA NOT NULL,
    inviter BYTEA NOT NULL,
    role TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
