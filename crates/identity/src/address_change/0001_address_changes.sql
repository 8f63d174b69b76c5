CREATE TABLE address_changes (
    person TEXT PRIMARY KEY,
    email BYTEA NOT NULL,
    code_hash BYTEA NOT NULL,
    tries BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    first_requested_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE TABLE former_addresses (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    email BYTEA NOT NULL,
    email_index BYTEA NOT NULL,
    until_ms BIGINT NOT NULL
);
CREATE INDEX former_addresses_by_index ON former_addresses (email_index);
