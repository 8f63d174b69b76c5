CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    name BYTEA NOT NULL,
    credential_index BYTEA NOT NULL UNIQUE,
    credential_sealed BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    last_used_at_ms BIGINT
);
CREATE INDEX passkeys_of_person ON passkeys (person);
CREATE TABLE passkey_challenges (
    id TEXT PRIMARY KEY,
    asked_for TEXT NOT NULL,
    session TEXT NOT NULL,
    state_sealed BYTEA NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at_ms);
