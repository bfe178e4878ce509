-- Events waiting for the relay. A row is written in the transaction of the change that it tells of.
CREATE TABLE outbox (
    id         uuid PRIMARY KEY,
    number     bigint UNIQUE,  -- given by the relay, without gaps, in the order in which it saw the rows
    subject    text NOT NULL,
    body       bytea NOT NULL, -- a CloudEvent without epoch and sequence
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz
);
CREATE INDEX outbox_unnumbered ON outbox (created_at, id) WHERE number IS NULL;
CREATE INDEX outbox_unpublished ON outbox (number) WHERE number IS NOT NULL AND published_at IS NULL;

-- One row: the last number given, and the epoch that changes when a database is made anew or restored.
CREATE TABLE outbox_state (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    last_number bigint NOT NULL DEFAULT 0
);
INSERT INTO outbox_state DEFAULT VALUES;

-- Events whose effect is committed here; the row is written in the transaction of the effect.
CREATE TABLE inbox (
    durable     text NOT NULL,
    event_id    uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (durable, event_id)
);

-- Events that could not be read or applied; they wait here without blocking others.
CREATE TABLE dead_letter (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    durable    text NOT NULL,
    message    text NOT NULL,  -- which message: the event id that it was sent under, else its place in the stream
    subject    text NOT NULL,
    body       bytea NOT NULL,
    reason     text NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (durable, message)
);
