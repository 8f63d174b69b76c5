CREATE TABLE period_lock (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  through BIGINT NOT NULL
);
INSERT INTO period_lock (id, through) VALUES (1, 0);
