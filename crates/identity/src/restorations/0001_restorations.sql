-- A workspace that took the place of another, and the export that it was made of: that of the
-- other, or of one whose place the other had taken.
CREATE TABLE restorations (
    workspace TEXT PRIMARY KEY,
    replaced TEXT NOT NULL,
    exported TEXT NOT NULL,
    exported_at TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    restored_at_ms BIGINT NOT NULL
);
