CREATE TABLE entries (
  number BIGINT PRIMARY KEY,
  date BIGINT NOT NULL,
  description BYTEA,
  reference BYTEA,
  note BYTEA,
  posted_at_ms BIGINT NOT NULL,
  reverses BIGINT,
  import BIGINT
);
CREATE INDEX entries_by_date ON entries (date, number);
CREATE UNIQUE INDEX entries_by_reversed ON entries (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX entries_by_import ON entries (import, number) WHERE import IS NOT NULL;
CREATE TABLE lines (
  entry BIGINT NOT NULL,
  line BIGINT NOT NULL,
  account BIGINT NOT NULL REFERENCES accounts (id),
  date BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  base BIGINT NOT NULL,
  rate TEXT,
  note BYTEA,
  PRIMARY KEY (entry, line)
);
CREATE INDEX lines_by_account ON lines (account, date, entry, line);
CREATE TABLE entry_tags (
  entry BIGINT NOT NULL,
  tag_index BYTEA NOT NULL,
  tag BYTEA NOT NULL,
  PRIMARY KEY (entry, tag_index)
);
CREATE INDEX entry_tags_by_tag ON entry_tags (tag_index, entry);
