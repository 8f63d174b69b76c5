CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    email BYTEA NOT NULL,
    email_index BYTEA NOT NULL,
    role TEXT NOT NULL,
    inviter TEXT NOT NULL,
    inviter_email BYTEA NOT NULL,
    invited_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    sendings BIGINT NOT NULL,
    state TEXT NOT NULL,
    ended_at_ms BIGINT NOT NULL
);
CREATE INDEX invitations_of_address ON invitations (email_index, state);
