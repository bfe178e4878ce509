-- Who reads a tenant's log as it grows, over the streams server. Their keys come from the master key: nothing is secret.
CREATE TABLE consumer (
    id         uuid PRIMARY KEY,
    tenant_id  uuid NOT NULL,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by uuid,
    since      timestamptz,      -- the moment that was asked for last; null: when it was made
    made_after bigint NOT NULL,  -- where the chain ended then: a departure of the tenant behind that ends the consumer
    removed_at timestamptz,
    cleared_at timestamptz,      -- nothing of a removed one is left on the streams server
    run        integer NOT NULL DEFAULT 1,  -- grows whenever entries are sent again: message ids name it
    prepared   integer,          -- the run for which its account, durable and empty place stand
    published  bigint NOT NULL,  -- position of the last entry that the stream has taken for it
    acked      bigint NOT NULL,  -- everything up to this position was acknowledged when we last looked
    CHECK (acked <= published)
) WITH (fillfactor = 50);
CREATE INDEX consumer_by_tenant ON consumer (tenant_id, id) WHERE removed_at IS NULL;
CREATE INDEX consumer_uncleared ON consumer (id) WHERE removed_at IS NOT NULL AND cleared_at IS NULL;

-- Which stream entries are published to, so that another one is known when it is met.
CREATE TABLE stream_state (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    created  text,                       -- when NATS made it, in its own words; null before the first look
    sequence bigint NOT NULL DEFAULT 0   -- where it ended at the last look: one that ends earlier has lost some
);
INSERT INTO stream_state DEFAULT VALUES;
