-- What was posted before there were journals stands in the general one: nothing posted is edited.
ALTER TABLE entries ADD COLUMN journal BIGINT NOT NULL DEFAULT 1;
CREATE INDEX entries_by_journal ON entries (journal, date, number) WHERE journal <> 1;
