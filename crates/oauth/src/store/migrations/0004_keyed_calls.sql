-- calls with an idempotency key, so that they are made once although they are sent again
CREATE TABLE keyed_calls (
    -- of the key, the user and the tool
    hash BYTEA NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    -- a hash
    arguments BYTEA NOT NULL,
    -- 'running', 'done' or 'unknown'
    state TEXT NOT NULL,
    -- the result, encrypted; NULL if there is none, or it is too long
    sealed BYTEA,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX keyed_calls_person_id ON keyed_calls (person_id, started_at);
CREATE INDEX keyed_calls_expires_at ON keyed_calls (expires_at);
