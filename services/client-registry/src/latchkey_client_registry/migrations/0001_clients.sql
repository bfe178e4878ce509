CREATE TABLE client (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL,               -- of those who made it
    operator_name text,                        -- the name by which the operator's command finds it again
    name          text NOT NULL,
    description   text NOT NULL DEFAULT '',
    client_type   text NOT NULL CHECK (client_type IN ('confidential', 'public')),
    proof         text NOT NULL CHECK (proof IN ('secret', 'pkce', 'both')),
    preset        text NOT NULL CHECK (preset IN ('custom', 'claude', 'chatgpt')),
    redirect_uris text[] NOT NULL,
    published     boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    revision      bigint NOT NULL DEFAULT 1,   -- grows with every change
    turn          bigint NOT NULL DEFAULT 0,   -- moves only with facts that kill, bar or lift
    UNIQUE (tenant_id, operator_name)
);
CREATE INDEX client_by_tenant ON client (tenant_id, id);

CREATE TABLE client_secret (
    id         uuid PRIMARY KEY,
    client_id  uuid NOT NULL REFERENCES client ON DELETE CASCADE,
    hash       bytea NOT NULL,                 -- SHA-256; the secret has 256 random bits
    ending     text NOT NULL,                  -- its last four characters, to tell secrets apart
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX client_secret_by_client ON client_secret (client_id);

-- The Labs switch. Without a row, or off: no new clients and no new authorizations in that tenant.
CREATE TABLE labs (
    tenant_id uuid PRIMARY KEY,
    enabled   boolean NOT NULL
);
