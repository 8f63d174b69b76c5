DELETE FROM oidc_flows;
ALTER TABLE oidc_flows ADD COLUMN invitation BYTEA;
