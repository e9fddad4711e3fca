-- Takes the audit out of the hands of the portal's own role: it may add events and checkpoints and
-- read them, and change or remove none. Run by an administrator of the database, after each upgrade:
--     ckan dgatier audit permissions | psql --set ON_ERROR_STOP=1 DATABASE
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dgatier_audit') THEN
        CREATE ROLE dgatier_audit NOLOGIN;
    END IF;
END
$$;
ALTER SCHEMA dgatier_audit OWNER TO dgatier_audit;
ALTER TABLE dgatier_audit.event OWNER TO dgatier_audit;
ALTER TABLE dgatier_audit.checkpoint OWNER TO dgatier_audit;
ALTER TABLE dgatier_audit.words OWNER TO dgatier_audit;
ALTER FUNCTION dgatier_audit.append(BYTEA, TEXT) OWNER TO dgatier_audit;
ALTER FUNCTION dgatier_audit.add_checkpoint(BIGINT, TEXT, BYTEA) OWNER TO dgatier_audit;
ALTER FUNCTION dgatier_audit.refuse_change() OWNER TO dgatier_audit;
REVOKE ALL ON SCHEMA dgatier_audit FROM PUBLIC, "{role}";
REVOKE ALL ON ALL TABLES IN SCHEMA dgatier_audit FROM PUBLIC, "{role}";
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dgatier_audit FROM PUBLIC, "{role}";
GRANT USAGE ON SCHEMA dgatier_audit TO "{role}";
GRANT SELECT ON ALL TABLES IN SCHEMA dgatier_audit TO "{role}";
GRANT INSERT, DELETE ON dgatier_audit.words TO "{role}";
GRANT EXECUTE ON FUNCTION dgatier_audit.append(BYTEA, TEXT) TO "{role}";
GRANT EXECUTE ON FUNCTION dgatier_audit.add_checkpoint(BIGINT, TEXT, BYTEA) TO "{role}";
