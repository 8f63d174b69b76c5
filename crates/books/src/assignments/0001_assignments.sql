-- An account with what stands below it, to a member. Whoever leaves loses theirs.
CREATE TABLE assignments (
  person TEXT NOT NULL REFERENCES members (person) ON DELETE CASCADE,
  account BIGINT NOT NULL REFERENCES accounts (id),
  assigned_at_ms BIGINT NOT NULL,
  PRIMARY KEY (person, account)
);
CREATE INDEX accounts_by_parent ON accounts (parent) WHERE parent IS NOT NULL;
