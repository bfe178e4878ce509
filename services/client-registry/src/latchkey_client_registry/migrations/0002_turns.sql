ALTER TABLE client
    -- Each bars it by itself. A deleted client stays barred, and its row stays.
    ADD COLUMN disabled    boolean NOT NULL DEFAULT false,
    ADD COLUMN compromised boolean NOT NULL DEFAULT false,
    ADD COLUMN deleted_at  timestamptz,
    ADD COLUMN turn_reason text NOT NULL DEFAULT '',  -- the type of the event that told of the newest turn
    ADD COLUMN turned_by   uuid,                      -- the person who turned it
    -- Its own terms with the token service, in seconds; null: the usual.
    ADD COLUMN retry_window           integer CHECK (retry_window BETWEEN 0 AND 60),
    ADD COLUMN refresh_token_lifetime bigint,
    ADD COLUMN connection_lifetime    bigint,
    ADD COLUMN client_credentials     boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT client_credentials_need_a_secret
        CHECK (NOT client_credentials OR (client_type = 'confidential' AND proof <> 'pkce'));
CREATE INDEX client_turned ON client (id) WHERE turn > 0;

ALTER TABLE client_secret ADD COLUMN ends_at timestamptz;  -- null: it works until somebody retires it
CREATE INDEX client_secret_ending ON client_secret (ends_at) WHERE ends_at IS NOT NULL;

-- Clients that a tenant has blocked at least once.
CREATE TABLE tenant_client (
    tenant_id uuid NOT NULL,
    client_id uuid NOT NULL REFERENCES client,
    turn      bigint NOT NULL,
    barred    boolean NOT NULL,
    reason    text NOT NULL,                 -- as turn_reason
    turned_by uuid,
    PRIMARY KEY (tenant_id, client_id)
);
CREATE INDEX tenant_client_by_client ON tenant_client (client_id, tenant_id);
