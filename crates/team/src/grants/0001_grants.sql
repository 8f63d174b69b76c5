-- Grants that this workspace gave, and those that it received: `side` says which,
-- `other` is the workspace at the other end. Its name is told when it answers.
CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    side TEXT NOT NULL,
    other TEXT NOT NULL,
    other_slug TEXT NOT NULL,
    other_name BYTEA,
    scope TEXT NOT NULL,
    purpose BYTEA NOT NULL,
    offered_by BYTEA NOT NULL,
    offered_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    accepted_by BYTEA,
    accepted_at_ms BIGINT NOT NULL,
    ended_by BYTEA,
    ended_at_ms BIGINT NOT NULL
);
CREATE INDEX grants_by_other ON grants (side, other);
