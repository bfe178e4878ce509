-- How far each consumer has confirmed that it has everything.
CREATE TABLE outbox_receipt (
    consumer text NOT NULL,
    epoch    uuid NOT NULL,
    through  bigint NOT NULL,  -- only ever grows
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),  -- when it grew
    PRIMARY KEY (consumer, epoch)
);

-- Every event up to this number is confirmed by all, and gone.
ALTER TABLE outbox_state ADD COLUMN purged_through bigint NOT NULL DEFAULT 0;

-- When NATS made the consumer that we read last: after it was made anew, it begins again.
CREATE TABLE inbox_consumer (
    durable text PRIMARY KEY,
    created text NOT NULL
);
