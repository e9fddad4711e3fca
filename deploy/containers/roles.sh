#!/usr/bin/env bash
# Makes the roles and databases when PostgreSQL's volume is new.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set=ckan="$POSTGRES_CKAN" --set=reader="$POSTGRES_DATASTORE" --set=keycloak="$POSTGRES_KEYCLOAK" <<'SQL'
CREATE ROLE ckan LOGIN PASSWORD :'ckan';
CREATE ROLE datastore_ro LOGIN PASSWORD :'reader';
CREATE ROLE keycloak LOGIN PASSWORD :'keycloak';
CREATE DATABASE ckan OWNER ckan;
CREATE DATABASE datastore OWNER ckan;
CREATE DATABASE keycloak OWNER keycloak;
SQL
