CREATE TABLE known_devices (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    device_hash BYTEA NOT NULL UNIQUE,
    name BYTEA NOT NULL,
    registered_at_ms BIGINT NOT NULL,
    approved_at_ms BIGINT
);
CREATE INDEX known_devices_of_person ON known_devices (person);
