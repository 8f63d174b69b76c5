-- The account that a change is about, where the books assigned one: whoever does not see it is
-- told that something changed, and not what.
ALTER TABLE access_changes ADD COLUMN account BIGINT;
