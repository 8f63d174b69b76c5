CREATE TABLE carried_logs (
  id BIGINT PRIMARY KEY,
  origin TEXT NOT NULL,
  vkey TEXT NOT NULL,
  records BIGINT NOT NULL,
  carried_at_ms BIGINT NOT NULL
);
CREATE TABLE carried_log_lines (
  log BIGINT NOT NULL,
  line BIGINT NOT NULL,
  text BYTEA NOT NULL,
  PRIMARY KEY (log, line)
);
