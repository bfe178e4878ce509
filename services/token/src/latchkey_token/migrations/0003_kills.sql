-- How clients, tenants, users and members stand with their owners, as far as we were told. The newest turn wins.
-- A birth is refused while anything that it hangs on is barred, or has turned since the consent.
CREATE TABLE standing (
    kind   text NOT NULL CHECK (kind IN ('client', 'tenant_client', 'tenant', 'user', 'tenant_user')),
    key    text NOT NULL,                  -- ids side by side, as in the feed
    turn   bigint NOT NULL,
    barred boolean NOT NULL,
    PRIMARY KEY (kind, key)
);
INSERT INTO standing (kind, key, turn, barred)
SELECT 'client', encode(uuid_send(client_id), 'hex'), turn, false FROM gate WHERE turn > 0;

-- All of this key born up to the cutoff are dead: one row for each who says so, and it stays for ever.
CREATE TABLE kill (
    kind   text NOT NULL,
    key    text NOT NULL,
    source text NOT NULL CHECK (source IN ('owner', 'token', 'restore')), -- who says so
    cutoff bigint NOT NULL,                -- 0 for a signing key
    number bigint NOT NULL,                -- of the feed
    reason text NOT NULL,                  -- the type of the event that told of it
    by     uuid,                           -- the person who did it
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    swept  boolean NOT NULL DEFAULT false, -- whether the rows of the dead are all marked, and each tenant was told
    PRIMARY KEY (kind, key, source)
);
CREATE INDEX kill_key ON kill (key);
CREATE INDEX kill_unswept ON kill (number) WHERE NOT swept;

-- What the sweep has counted so far, for the summary that each tenant gets.
CREATE TABLE kill_count (
    number    bigint NOT NULL,             -- of the kill
    tenant_id uuid NOT NULL,
    dead      bigint NOT NULL,
    PRIMARY KEY (number, tenant_id)
);

-- A tenant's own limits on connections, in seconds.
CREATE TABLE tenant_limits (
    tenant_id              uuid PRIMARY KEY,
    revision               bigint NOT NULL,
    refresh_token_lifetime bigint,
    connection_lifetime    bigint
);

ALTER TABLE gate
    ADD COLUMN barred boolean NOT NULL DEFAULT false,
    ADD COLUMN refresh_token_lifetime bigint,
    ADD COLUMN connection_lifetime bigint,
    ADD COLUMN client_credentials boolean NOT NULL DEFAULT false;

-- The connection of a client that acts for itself (RFC 6749 section 4.4): the gate's revision that it was born under.
ALTER TABLE connection ADD COLUMN standing_revision bigint;
CREATE UNIQUE INDEX connection_standing ON connection (client_id) WHERE standing_revision IS NOT NULL;

-- Who reads the feed, and how far each has applied it: from this follows when a kill is in force everywhere.
CREATE TABLE verifier (
    name     text PRIMARY KEY,             -- one for each process
    applied  bigint NOT NULL,
    asked_at timestamptz NOT NULL
) WITH (fillfactor = 50);

ALTER TABLE feed
    ADD COLUMN committed_by timestamptz, -- the commit was past by then
    ADD COLUMN effective_at timestamptz; -- null until it is known
ALTER TABLE feed_state
    ADD COLUMN salt bytea NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    ADD COLUMN horizon bigint NOT NULL DEFAULT 0,          -- numbers up to it concern only tokens that have expired
    ADD COLUMN settled bigint NOT NULL DEFAULT 0,          -- numbers up to it have their effective_at
    ADD COLUMN longest_token bigint NOT NULL DEFAULT 3600; -- seconds; the longest access token ever made
CREATE INDEX feed_at ON feed USING brin (at);

-- A key is published while tokens signed by it may be out: until then, when it signs no more.
ALTER TABLE signing_key ADD COLUMN published_until timestamptz;
ALTER TABLE signing_key ADD COLUMN compromised boolean NOT NULL DEFAULT false;

-- A server of somebody else that checks our tokens: it may read the feed and introspect tokens of its audience.
CREATE TABLE resource_server (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    secret_hash bytea NOT NULL,            -- SHA-256; the secret has 256 random bits
    audience    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- By these the rows of the dead are found. They have nothing that a rotation changes.
CREATE INDEX connection_of_client ON connection (client_id) WHERE revoked_at IS NULL;
CREATE INDEX connection_of_user ON connection (user_id) WHERE revoked_at IS NULL;
-- The feed's entry of a single connection, to tell since when it is dead everywhere.
CREATE INDEX feed_connection ON feed (key) WHERE kind = 'connection';

-- Rows of one size need little room beside them to stay on their page.
ALTER TABLE connection SET (fillfactor = 80);
