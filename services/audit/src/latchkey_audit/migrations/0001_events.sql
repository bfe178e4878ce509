-- Every event of every service, as it was published. Rows are added and never changed.
CREATE TABLE event (
    id         uuid PRIMARY KEY,       -- of the event: a UUIDv7, so newer ids sort later
    tenant_id  uuid,                   -- null for facts of no tenant
    at         timestamptz NOT NULL,
    action     text NOT NULL,          -- the event's type, such as token.reused
    entity_id  text NOT NULL,
    user_id    uuid,                   -- who acted
    client_id  uuid,                   -- through which app
    source     text NOT NULL,
    epoch      text,
    number     bigint,                 -- the source's own count, without gaps within an epoch
    body       bytea NOT NULL          -- the CloudEvent to the letter
);
CREATE INDEX event_by_tenant ON event (tenant_id, at DESC, id DESC);
CREATE INDEX event_by_action ON event (tenant_id, action, at DESC, id DESC);
CREATE INDEX event_by_user ON event (tenant_id, user_id, at DESC, id DESC);
CREATE INDEX event_by_client ON event (tenant_id, client_id, at DESC, id DESC);
CREATE UNIQUE INDEX event_number ON event (source, epoch, number);
