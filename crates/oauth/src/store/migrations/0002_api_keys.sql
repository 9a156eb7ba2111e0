-- Keys that a user signed in with belong to any API, so the kind of key source has a general name.
UPDATE grants SET holder = 'api_keys' WHERE holder NOT IN ('identity', 'client');

-- so that the sessions of one user are counted without looking at all
CREATE INDEX sessions_person_id ON sessions (person_id, opened_at);
