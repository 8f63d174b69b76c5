CREATE TABLE access_policies (
    id TEXT PRIMARY KEY,
    name BYTEA NOT NULL,
    roles TEXT NOT NULL,
    rule BYTEA NOT NULL,
    set_at_ms BIGINT NOT NULL
);
