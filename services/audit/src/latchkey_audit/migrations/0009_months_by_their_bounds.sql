-- A month is known by its bounds. By the name alone, November of 2026 before Christ was the present one.
CREATE FUNCTION require_month(months smallint, of_month date) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (months IN (1, 3, 6, 12, 24, 36, 60, 84, 120)) IS NOT TRUE THEN
        RAISE EXCEPTION 'entries are not kept for % months', months USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF (of_month BETWEEN date '2000-01-01' AND date '9999-12-31') IS NOT TRUE THEN
        RAISE EXCEPTION '% is in no month of the log', of_month USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION make_partition(months smallint, of_month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    class text := format('event_%s', months);
    part text := format('event_%s_%s', months, to_char(of_month, 'YYYYMM'));
    starts timestamptz := date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC';
    ends timestamptz := (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    PERFORM require_month(months, of_month);
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

CREATE OR REPLACE FUNCTION drop_partition(months smallint, of_month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    starts timestamptz := date_trunc('month', of_month::timestamp) AT TIME ZONE 'UTC';
    ends timestamptz := (date_trunc('month', of_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    part regclass;
BEGIN
    PERFORM require_month(months, of_month);
    IF (date_trunc('month', of_month::timestamp) + make_interval(months => months + 1)) AT TIME ZONE 'UTC'
        > pg_catalog.clock_timestamp() THEN
        RAISE EXCEPTION 'the time of these entries is not over';
    END IF;
    SELECT pg_class.oid INTO part FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = to_regclass(format('event_%s', months))
        AND pg_get_expr(relpartbound, pg_class.oid) = format('FOR VALUES FROM (%L) TO (%L)', starts, ends);
    IF part IS NOT NULL THEN
        EXECUTE format('DROP TABLE %s', part);
    END IF;
END $$;
