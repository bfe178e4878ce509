-- What the service may do under `latchkey.role`, on tables that belong to whoever runs this: add to the log, and no more.
-- Where it logs in as their owner there is nothing to grant; then the triggers alone keep the log.
DO $$
DECLARE
    served text := current_setting('latchkey.role');
    log text[] := '{event, forgotten, checkpoint}';
    named regclass;
BEGIN
    IF served IN ('', current_user) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), served);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', served);
    FOR named IN
        SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, %I', named, served);
        IF EXISTS (SELECT FROM pg_class WHERE oid = named AND relispartition) THEN
            CONTINUE;  -- reached through the log only
        ELSIF named::text = ANY (log) THEN
            EXECUTE format('GRANT SELECT, INSERT ON %s TO %I', named, served);
        ELSIF named::text = 'schema_migration' THEN
            EXECUTE format('GRANT SELECT ON %s TO %I', named, served);
        ELSE
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', named, served);
        END IF;
    END LOOP;
    EXECUTE 'REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC';
    EXECUTE format('GRANT EXECUTE ON FUNCTION make_partition, drop_partition TO %I', served);
END $$;
