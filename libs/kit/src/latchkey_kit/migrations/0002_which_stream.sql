-- Which stream the relay publishes to, so that it knows another one when it meets it.
ALTER TABLE outbox_state
    ADD COLUMN stream_created  text,   -- when NATS made the stream, in its own words; null before the first look
    ADD COLUMN stream_sequence bigint NOT NULL DEFAULT 0,  -- the highest place in it that was acknowledged to us
    -- What a lost stream held is sent again: the numbers after this one …
    ADD COLUMN resend_after    bigint NOT NULL DEFAULT 0,
    -- … up to this one (nothing, while the two are equal) …
    ADD COLUMN resend_through  bigint NOT NULL DEFAULT 0,
    -- … that were published since then: earlier ones had left the lost stream by themselves.
    ADD COLUMN resend_since    timestamptz NOT NULL DEFAULT '-infinity';
