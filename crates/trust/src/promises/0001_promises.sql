CREATE TABLE promise_checks (
  promise TEXT PRIMARY KEY,
  kept BIGINT NOT NULL,
  shown_by TEXT NOT NULL,
  why TEXT NOT NULL,
  passed_at_ms BIGINT,
  checked_at_ms BIGINT NOT NULL
);
