-- A key that signs no more, and is published until tokens signed by it have expired, is a former one.
ALTER TABLE signing_key
    DROP CONSTRAINT signing_key_state_check,
    ADD CONSTRAINT signing_key_state_check CHECK (state IN ('next', 'active', 'former', 'retired')),
    ADD COLUMN signed_until timestamptz;
CREATE UNIQUE INDEX signing_key_one_next ON signing_key (state) WHERE state = 'next';
