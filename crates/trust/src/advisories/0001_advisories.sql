-- One row: the last scan. What it was made of tells whether this program was scanned or an older one.
CREATE TABLE advisory_scans (
  id BIGINT PRIMARY KEY,
  scanned_at_ms BIGINT NOT NULL,
  data_at_ms BIGINT NOT NULL,
  advisories BIGINT NOT NULL,
  parts_digest TEXT NOT NULL
);

CREATE TABLE vulnerability_cases (
  advisory TEXT NOT NULL,
  package TEXT NOT NULL,
  version TEXT NOT NULL,
  title TEXT NOT NULL,
  opened_at_ms BIGINT NOT NULL,
  closed_at_ms BIGINT,
  PRIMARY KEY (advisory, package, version)
);
