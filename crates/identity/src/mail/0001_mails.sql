CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    recipient BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    body_text BYTEA NOT NULL,
    body_html BYTEA NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    lease TEXT NOT NULL,
    queued_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    give_up_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT NOT NULL,
    trouble BYTEA NOT NULL
);
CREATE INDEX mails_due ON mails (state, due_at_ms);
