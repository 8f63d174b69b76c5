CREATE TABLE commodities (
  code TEXT PRIMARY KEY,
  scale BIGINT NOT NULL CHECK (scale BETWEEN 0 AND 12)
);
CREATE TABLE books_settings (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  base_currency TEXT,
  base_scale BIGINT,
  next_entry BIGINT NOT NULL
);
INSERT INTO books_settings (id, base_currency, base_scale, next_entry) VALUES (1, NULL, NULL, 1);
