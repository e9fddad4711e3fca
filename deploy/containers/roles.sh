#!/usr/bin/env bash
# Makes the roles and databases when PostgreSQL's volume is new.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set=ckan="$POSTGRES_CKAN" --set=reader="$POSTGRES_DATASTORE" --set=keycloak="$POSTGRES_KEYCLOAK" <<'SQL'
CREATE ROLE ckan LOGIN PASSWORD :'ckan';
CREATE ROLE datastore_ro LOGIN PASSWORD :'reader';
-- As in deploy/stack/database.py.
ALTER ROLE datastore_ro SET idle_in_transaction_session_timeout TO '60s';
ALTER ROLE datastore_ro SET temp_file_limit TO '2GB';
ALTER ROLE datastore_ro SET log_min_messages TO 'fatal';
ALTER ROLE datastore_ro SET log_min_error_statement TO 'panic';
CREATE ROLE keycloak LOGIN PASSWORD :'keycloak';
CREATE DATABASE ckan OWNER ckan;
CREATE DATABASE datastore OWNER ckan;
CREATE DATABASE keycloak OWNER keycloak;
SQL
