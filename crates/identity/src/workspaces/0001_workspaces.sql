CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name BYTEA NOT NULL,
    wrapped_key BYTEA NOT NULL,
    colour BIGINT NOT NULL,
    founder TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE TABLE workspace_people (
    person TEXT NOT NULL,
    workspace TEXT NOT NULL,
    PRIMARY KEY (person, workspace)
);
