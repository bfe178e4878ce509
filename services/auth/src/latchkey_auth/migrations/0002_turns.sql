-- Whatever kills, bars or lifts moves the turn of what it is about by one; nothing else does.
ALTER TABLE app_user
    ADD COLUMN turn     bigint NOT NULL DEFAULT 0,
    ADD COLUMN disabled boolean NOT NULL DEFAULT false;

ALTER TABLE tenant
    ADD COLUMN turn                   bigint NOT NULL DEFAULT 0,
    ADD COLUMN off_boarded            boolean NOT NULL DEFAULT false,
    ADD COLUMN revision               bigint NOT NULL DEFAULT 0, -- of its limits on connections
    ADD COLUMN refresh_token_lifetime bigint,                    -- seconds; null: the deployment's own
    ADD COLUMN connection_lifetime    bigint;                    -- seconds from the consent on; null: no such limit

-- The row of a membership stays when it ends, so that its turn is remembered.
ALTER TABLE membership
    ADD COLUMN turn       bigint NOT NULL DEFAULT 0,
    ADD COLUMN removed_at timestamptz,
    ADD COLUMN turned_by  uuid; -- the person who turned it last; null for the operator

CREATE INDEX membership_of_tenant ON membership (tenant, app_user) WHERE removed_at IS NULL;
-- For the token service, which asks for everything that ever turned.
CREATE INDEX membership_turned ON membership (tenant, app_user) WHERE turn > 0;
CREATE INDEX app_user_turned ON app_user (id) WHERE turn > 0;
