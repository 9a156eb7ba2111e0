-- For SQLite and PostgreSQL alike: SQLite keeps in each column what it is given, and BYTEA in PostgreSQL is what a blob is there.
-- Times are seconds since 1970; hashes are SHA-256.

-- what the server decided once, such as the mark that its sealing key is the right one
CREATE TABLE settled (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- what may be used once, such as the assertions of clients
CREATE TABLE spent (
    hash BYTEA NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_expires_at ON spent (expires_at);

-- clients that registered themselves
CREATE TABLE registrations (
    id TEXT NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX registrations_expires_at ON registrations (expires_at);

-- browsers in which somebody has signed in
CREATE TABLE sessions (
    hash BYTEA NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    person TEXT NOT NULL,
    sealed BYTEA,
    opened_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- what people allowed clients; generation 0: its code has not been redeemed; expires_at: the latest of its code or tokens
CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL,
    person TEXT NOT NULL,
    holder TEXT NOT NULL,
    sealed BYTEA,
    client_id TEXT NOT NULL,
    client_name TEXT NOT NULL,
    redirect_host TEXT NOT NULL,
    scopes TEXT NOT NULL,
    resource TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    advanced_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX grants_person_id ON grants (person_id, client_id);
CREATE INDEX grants_client_id ON grants (client_id);
CREATE INDEX grants_expires_at ON grants (expires_at);
CREATE INDEX grants_revoked_at ON grants (revoked_at) WHERE revoked_at IS NOT NULL;
-- a client that acts for itself has one grant that counts
CREATE UNIQUE INDEX grants_of_clients ON grants (client_id) WHERE holder = 'client' AND revoked_at IS NULL;

CREATE TABLE codes (
    hash BYTEA NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    redeemed_at BIGINT
);
CREATE INDEX codes_grant_id ON codes (grant_id);
CREATE INDEX codes_expires_at ON codes (expires_at);

CREATE TABLE access_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    -- that its grant had when it was issued
    generation BIGINT NOT NULL,
    scopes TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_grant_id ON access_tokens (grant_id, generation, expires_at);
CREATE INDEX access_tokens_expires_at ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_grant_id ON refresh_tokens (grant_id, generation, expires_at);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

-- what a person allowed a client last; kept as long as a grant of the two
CREATE TABLE consents (
    person_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    PRIMARY KEY (person_id, client_id)
);
