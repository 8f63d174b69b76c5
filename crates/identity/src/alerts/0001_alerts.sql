CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    address BYTEA NOT NULL,
    times BIGINT NOT NULL,
    first_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);
CREATE INDEX alerts_by_time ON alerts (last_at_ms);
CREATE INDEX alerts_by_sight ON alerts (seen_at_ms, kind);
