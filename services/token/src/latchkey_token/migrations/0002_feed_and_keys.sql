-- What every verifier must hear: kills and floors, numbered without gaps in the order of their commits.
-- Numbers are given under an advisory lock that is held to the commit (see store/feed.py). Every entry is kept.
CREATE TABLE feed (
    number bigint PRIMARY KEY,
    kind   text NOT NULL,
    key    text NOT NULL,
    value  bigint NOT NULL DEFAULT 0, -- the revision of a floor; 0 for the kill of a connection
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX feed_floor ON feed (kind, key, value) WHERE kind <> 'connection';

-- One row. restore_id changes when the database is restored from a backup; with the WAL timeline it is the epoch.
CREATE TABLE feed_state (
    single      boolean PRIMARY KEY DEFAULT true CHECK (single),
    restore_id  uuid NOT NULL DEFAULT gen_random_uuid(),
    last_number bigint NOT NULL DEFAULT 0
);
INSERT INTO feed_state DEFAULT VALUES;

-- One row, written by every reading of the feed: a server that cannot commit cannot vouch for the feed either.
-- Apart from feed_state, so that readers never wait for a writer.
CREATE TABLE feed_heartbeat (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
INSERT INTO feed_heartbeat DEFAULT VALUES;

-- Keys that sign access tokens. "next" is published before it signs.
CREATE TABLE signing_key (
    kid         text PRIMARY KEY,       -- JWK thumbprint (RFC 7638)
    state       text NOT NULL CHECK (state IN ('next', 'active', 'retired')),
    private_key bytea NOT NULL,         -- PKCS #8, sealed under the master key
    public_jwk  bytea NOT NULL,         -- JSON, without private members
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX signing_key_one_active ON signing_key (state) WHERE state = 'active';

-- Keys behind codes and refresh tokens. "mac" proves that a string is ours; "derive" makes the successor's secret.
CREATE TABLE mac_key (
    id         integer PRIMARY KEY CHECK (id BETWEEN 1 AND 65535), -- as it stands inside the token strings
    use        text NOT NULL CHECK (use IN ('mac', 'derive')),
    key        bytea NOT NULL,          -- 32 bytes, sealed under the master key
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
