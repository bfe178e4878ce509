-- Numbers that a consumer lacks, to be sent again, and those asked for that are here no more (of this epoch).
ALTER TABLE outbox_state
    ADD COLUMN asked int8multirange NOT NULL DEFAULT '{}',
    ADD COLUMN gone  int8multirange NOT NULL DEFAULT '{}';

-- Which event it is, as far as that can be read: what is parked is not asked for again.
ALTER TABLE dead_letter
    ADD COLUMN source text,
    ADD COLUMN epoch  text,
    ADD COLUMN number bigint;
