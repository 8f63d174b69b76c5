ALTER TABLE workspaces ADD COLUMN frozen_at_ms BIGINT;
ALTER TABLE workspaces ADD COLUMN locked_at_ms BIGINT;
ALTER TABLE workspaces ADD COLUMN deleted_at_ms BIGINT;
ALTER TABLE workspaces ADD COLUMN deleted_by TEXT;
ALTER TABLE workspaces ADD COLUMN bytes_max BIGINT;
ALTER TABLE workspaces ADD COLUMN remains_key BYTEA;
ALTER TABLE workspaces ADD COLUMN erased_at_ms BIGINT;
CREATE TABLE workspace_keepers (
    workspace TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (workspace, person)
);
