CREATE TABLE known_places (
    person TEXT NOT NULL,
    place BYTEA NOT NULL,
    last_at_ms BIGINT NOT NULL,
    PRIMARY KEY (person, place)
);
