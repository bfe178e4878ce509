-- The log anew: a hash chain per tenant, partitions by how long and since when entries are kept, more to find them by.

-- What is known of each tenant's chain: where it ends. Facts of no tenant have a chain of their own, under zeros.
CREATE TABLE chain (
    tenant_id uuid PRIMARY KEY,
    position  bigint NOT NULL DEFAULT 0,
    hash      bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    kept      smallint NOT NULL  -- months for which its next entries are kept
) WITH (fillfactor = 50);

-- Which numbers of a source's epoch have come.
CREATE TABLE arrived (
    source  text NOT NULL,
    epoch   text NOT NULL,
    numbers int8multirange NOT NULL,
    since   timestamptz NOT NULL DEFAULT clock_timestamp(),  -- heard of first
    PRIMARY KEY (source, epoch)
) WITH (fillfactor = 50);

-- Stretches of a chain that were let go at the end of their time, signed for by the service.
CREATE TABLE forgotten (
    tenant_id uuid NOT NULL,
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    before    bytea NOT NULL,  -- hash of the entry before the first
    hash      bytea NOT NULL,  -- hash of the last
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    signed    text NOT NULL,
    PRIMARY KEY (tenant_id, first)
);

-- Where a chain was signed. The same goes to the stream and, if the operator wants, to a file.
CREATE TABLE checkpoint (
    tenant_id uuid NOT NULL,
    position  bigint NOT NULL,
    hash      bytea NOT NULL,
    at        timestamptz NOT NULL,
    signed    text NOT NULL,
    PRIMARY KEY (tenant_id, position)
);

ALTER TABLE event RENAME TO event_before;
ALTER INDEX event_pkey RENAME TO event_before_pkey;
DROP INDEX event_by_tenant, event_by_action, event_by_user, event_by_client, event_number;

CREATE TABLE event (
    tenant_id     uuid NOT NULL,         -- zeros for facts of no tenant
    position      bigint NOT NULL,       -- in the tenant's chain: from 1, without gaps, in the order of recording
    kept          smallint NOT NULL,     -- months, counted from when it was recorded
    recorded      timestamptz NOT NULL,
    id            uuid NOT NULL,         -- of the event
    at            timestamptz NOT NULL,  -- when it happened, by its source
    action        text NOT NULL,         -- the event's type, such as token.reused
    result        text NOT NULL,         -- success, refused or failed
    entity_id     text NOT NULL,
    user_id       uuid,                  -- who acted
    client_id     uuid,                  -- through which app
    connection_id uuid,
    address       text,
    source        text NOT NULL,
    epoch         text,
    number        bigint,                -- the source's own count, without gaps within an epoch
    words         tsvector NOT NULL,
    hash          bytea NOT NULL,        -- of this entry and, through the one before, of all before
    body          bytea NOT NULL         -- the CloudEvent to the letter
) PARTITION BY LIST (kept);
CREATE INDEX event_position ON event (tenant_id, position);
CREATE INDEX event_time ON event (tenant_id, at DESC, id DESC);
CREATE INDEX event_action ON event (tenant_id, action, at DESC, id DESC);
CREATE INDEX event_user ON event (tenant_id, user_id, at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX event_client ON event (tenant_id, client_id, at DESC, id DESC) WHERE client_id IS NOT NULL;
CREATE INDEX event_connection ON event (tenant_id, connection_id, at DESC, id DESC) WHERE connection_id IS NOT NULL;
CREATE INDEX event_address ON event (tenant_id, address, at DESC, id DESC) WHERE address IS NOT NULL;
CREATE INDEX event_result ON event (tenant_id, result, at DESC, id DESC) WHERE result <> 'success';
CREATE INDEX event_words ON event USING gin (words);

-- What is written stays written, whoever asks.
CREATE FUNCTION stays_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION stays_written();
CREATE TRIGGER event_stays_whole BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION stays_written();
CREATE TRIGGER forgotten_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON forgotten
    FOR EACH STATEMENT EXECUTE FUNCTION stays_written();
CREATE TRIGGER checkpoint_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION stays_written();

-- Partitions are the owner's to make and to drop; the service calls these two.
-- event_<months> holds what is kept so long, event_<months>_<YYYYMM> what of it was recorded in that month (UTC).
CREATE FUNCTION make_partition(months smallint, of_month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    class text := format('event_%s', months);
    part text := format('event_%s_%s', months, to_char(of_month, 'YYYYMM'));
    starts timestamptz := date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC';
    ends timestamptz := (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF months NOT IN (1, 3, 6, 12, 24, 36, 60, 84, 120) THEN
        RAISE EXCEPTION 'entries are not kept for % months', months;
    END IF;
    PERFORM pg_advisory_xact_lock(112589, months);
    IF to_regclass(class) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING DEFAULTS) PARTITION BY RANGE (recorded)', class);
        EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES IN (%s)', class, months);
    END IF;
    IF to_regclass(part) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING DEFAULTS)', part);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', class, part, starts, ends);
        EXECUTE format(
            'CREATE TRIGGER stays_whole BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION stays_written()', part
        );
    END IF;
END $$;

-- Drops a month whose time is over, and only such a one.
CREATE FUNCTION drop_partition(months smallint, of_month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ends timestamptz := (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF ends + make_interval(months => months) > clock_timestamp() THEN
        RAISE EXCEPTION 'the time of these entries is not over';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS %I', format('event_%s_%s', months, to_char(of_month, 'YYYYMM')));
END $$;

SELECT make_partition(12::smallint, month::date)
FROM generate_series(date_trunc('month', now() - interval '1 month'), now() + interval '3 months', interval '1 month')
    AS month;

-- What was recorded before there were chains begins them, in the order of its time.
SET LOCAL statement_timeout = 0;
DO $$
DECLARE
    former record;
    ends record;
    recording timestamptz := clock_timestamp();
    hashed bytea;
    said jsonb;
    found text[];
    known text[];
BEGIN
    FOR former IN SELECT *, coalesce(tenant_id, '00000000000000000000000000000000'::uuid) AS of
        FROM event_before ORDER BY coalesce(tenant_id, '00000000000000000000000000000000'::uuid), at, id LOOP
        INSERT INTO chain (tenant_id, kept) VALUES (former.of, 12) ON CONFLICT DO NOTHING;
        SELECT * INTO ends FROM chain WHERE tenant_id = former.of;
        hashed := sha256(convert_to('latchkey.audit.1', 'UTF8') || uuid_send(former.of) || int8send(ends.position + 1)
            || int8send((extract(epoch FROM recording) * 1000000)::bigint) || int2send(12::smallint)
            || ends.hash || sha256(former.body));
        -- PostgreSQL's JSON knows no NUL; nobody looks for one.
        said := replace(convert_from(former.body, 'UTF8'), '\u0000', '\ufffd')::jsonb;
        -- As latchkey_contracts.log_entry takes them apart.
        SELECT array_agg(right(former.of::text, 3) || left(word, 40)) INTO found
        FROM (
            SELECT concat_ws(' ', former.action, said ->> 'agent', said ->> 'address', (
                SELECT string_agg(one #>> '{}', ' ')
                FROM jsonb_path_query(said -> 'data', 'strict $.** ? (@.type() == "string")') AS one
            )) AS text
        ) AS whole,
            regexp_matches(lower(text), '\w+(?:[.:@-]\w+)*', 'g') AS together,
            LATERAL (SELECT together[1] UNION SELECT part[1] FROM regexp_matches(together[1], '\w+', 'g') AS part) AS w (word)
        WHERE word !~ '^[0-9a-f]{32}$';
        known := ARRAY[
            replace(former.of::text, '-', ''), said ->> 'userid', said ->> 'clientid', said #>> '{data,connection}'
        ];
        SELECT coalesce(found, '{}') || array_agg(right(former.of::text, 3) || '=' || about) INTO found
        FROM (
            SELECT former.entity_id AS about
            UNION (
                SELECT DISTINCT (one #>> '{}') COLLATE "C" AS inside
                FROM jsonb_path_query(said -> 'data', 'strict $.** ? (@.type() == "string")') AS one
                WHERE one #>> '{}' ~ '^[0-9a-f]{32}$' AND array_position(known, one #>> '{}') IS NULL
                ORDER BY inside LIMIT 64
            )
        ) AS ids
        WHERE about ~ '^[0-9a-f]{32}$' AND array_position(known, about) IS NULL;
        INSERT INTO event VALUES (
            former.of, ends.position + 1, 12, recording, former.id, former.at, former.action,
            CASE WHEN former.action IN ('user.sign_in_failed', 'token.reused') THEN 'failed'
                 WHEN former.action IN ('consent.cancelled', 'consent.refused', 'token.refused') THEN 'refused'
                 ELSE 'success' END,
            former.entity_id, former.user_id, former.client_id,
            CASE WHEN said #>> '{data,connection}' ~ '^[0-9a-f]{32}$' THEN (said #>> '{data,connection}')::uuid END,
            left(said ->> 'address', 200), former.source, former.epoch, former.number,
            array_to_tsvector(coalesce(found, '{}')), hashed, former.body
        );
        UPDATE chain SET position = ends.position + 1, hash = hashed WHERE tenant_id = former.of;
    END LOOP;
END $$;
INSERT INTO arrived (source, epoch, numbers)
SELECT source, epoch, range_agg(int8range(first, last, '[]')) FROM (
    SELECT source, epoch, number AS first, number AS last FROM event_before WHERE number IS NOT NULL
    UNION ALL SELECT source, epoch, number, number FROM renumbered
    UNION ALL SELECT source, epoch, 1, through FROM contiguity WHERE through > 0
) AS known WHERE epoch IS NOT NULL GROUP BY source, epoch;
DROP TABLE event_before, renumbered, contiguity;
