-- Tables are changed in the order in which requests lock them.

-- the session at the identity provider, hashed, in which the user signed in
ALTER TABLE sessions ADD COLUMN provider_session TEXT;
CREATE INDEX sessions_provider_session ON sessions (provider_session) WHERE provider_session IS NOT NULL;
ALTER TABLE grants ADD COLUMN provider_session TEXT;
CREATE INDEX grants_provider_session ON grants (provider_session) WHERE provider_session IS NOT NULL;

-- without the port of a loopback host; empty for grants from before this column
ALTER TABLE grants ADD COLUMN redirect_uri TEXT NOT NULL DEFAULT '';
-- a token may be for less than its grant; empty for the same
ALTER TABLE access_tokens ADD COLUMN resource TEXT NOT NULL DEFAULT '';

-- Consent is for one redirect URI and one part of the resource: users are asked once more.
DROP TABLE consents;
CREATE TABLE consents (
    person_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- without the port of a loopback host
    redirect_uri TEXT NOT NULL,
    resource TEXT NOT NULL,
    scopes TEXT NOT NULL,
    PRIMARY KEY (person_id, client_id, redirect_uri, resource)
);

-- the replicas that run, which share the rates of the API
CREATE TABLE replicas (
    id TEXT NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

-- when a client registered last; those without a grant that registered last are kept, however long their expiry was extended
ALTER TABLE registrations ADD COLUMN registered_at BIGINT NOT NULL DEFAULT 0;
UPDATE registrations SET registered_at = created_at;
