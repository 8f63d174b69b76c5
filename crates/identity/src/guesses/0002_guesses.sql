CREATE TABLE guess_spread (
    network BYTEA NOT NULL,
    account BYTEA NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (network, account)
);
CREATE INDEX guess_spread_of_account ON guess_spread (account);
CREATE INDEX guess_spread_by_time ON guess_spread (at_ms);
