CREATE TABLE oidc_flows (
    state TEXT PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    provider TEXT NOT NULL,
    nonce BYTEA NOT NULL,
    verifier BYTEA NOT NULL,
    next_address BYTEA NOT NULL,
    session TEXT NOT NULL,
    links_for TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX oidc_flows_by_expiry ON oidc_flows (expires_at_ms);
CREATE TABLE oidc_links (
    id TEXT PRIMARY KEY,
    account_hash BYTEA NOT NULL UNIQUE,
    person TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject BYTEA NOT NULL,
    account BYTEA NOT NULL,
    linked_at_ms BIGINT NOT NULL,
    last_used_at_ms BIGINT NOT NULL
);
CREATE INDEX oidc_links_of_person ON oidc_links (person);
