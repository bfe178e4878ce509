-- What this service must know of a client to mint for it: the registry's word, newest revision wins.
-- Every minting statement joins it and demands the revision that the client was authenticated with.
CREATE TABLE gate (
    client_id     uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL,
    revision      bigint NOT NULL,
    turn          bigint NOT NULL,
    client_type   text NOT NULL CHECK (client_type IN ('confidential', 'public')),
    proof         text NOT NULL CHECK (proof IN ('secret', 'pkce', 'both')),
    secret_hashes bytea[] NOT NULL,          -- SHA-256 each
    retry_window  integer NOT NULL CHECK (retry_window >= 0), -- seconds; 0 is strict
    default_audience text NOT NULL CHECK (default_audience IN ('both', 'mcp'))
);

-- The granted "model:action" words of a grant document. They follow from the document, so they are kept once.
CREATE TABLE granted_scope (
    document bytea PRIMARY KEY,              -- SHA-256
    scope    text NOT NULL                   -- words parted by one space
);

-- Drawn at consent, never at exchange. CACHE 1: numbers follow the order of the draws.
CREATE SEQUENCE connection_born CACHE 1;

-- One row for the whole life of a connection. Its code is generation 0, its refresh tokens are the later ones.
CREATE TABLE connection (
    id             uuid PRIMARY KEY,
    tenant_id      uuid NOT NULL,
    user_id        uuid NOT NULL,
    client_id      uuid NOT NULL REFERENCES gate,
    born           bigint NOT NULL DEFAULT nextval('connection_born'),
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at     timestamptz NOT NULL,     -- of the code, then of the refresh token: it moves at each rotation
    rotated_at     timestamptz,
    revoked_at     timestamptz,
    generation     bigint NOT NULL DEFAULT 0 CHECK (generation BETWEEN 0 AND 4294967295),
    unanswered     bigint,                   -- generation whose exchange may have been lost on its way to the client
    redirect_uri_sent boolean NOT NULL,      -- then the token request must name it, too (RFC 6749 section 4.1.3)
    redirect_hash  bytea NOT NULL,           -- SHA-256 of the redirect URI
    challenge      bytea,                    -- SHA-256 of the PKCE verifier
    document       bytea NOT NULL REFERENCES granted_scope,
    current_hash   bytea NOT NULL,           -- SHA-256 of the current secret
    nonce          bytea,                    -- 16 bytes of the last rotation, from which the current secret follows
    revoked_reason text,
    resources      text[] NOT NULL           -- canonical audiences (RFC 8707)
) WITH (fillfactor = 70);
-- No index has a column that a rotation changes (nor its predicate), so a rotation stays on its page (HOT).
CREATE INDEX connection_living ON connection (tenant_id, user_id, client_id) WHERE revoked_at IS NULL;
CREATE INDEX connection_of_tenant ON connection (tenant_id, id);
CREATE INDEX connection_created ON connection USING brin (created_at);
