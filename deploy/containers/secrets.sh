#!/usr/bin/env bash
# Prints fresh secrets for compose: deploy/containers/secrets.sh > deploy/.env
set -euo pipefail
umask 077
for name in POSTGRES_ADMIN POSTGRES_CKAN POSTGRES_DATASTORE POSTGRES_KEYCLOAK VALKEY \
    CKAN_SECRET_KEY CKAN_TOKEN_KEY FILE_MASTER_KEYS PSEUDONYM_KEY AUDIT_SEAL_KEY AUDIT_SIGNING_KEY KEYCLOAK_ADMIN PORTAL_CLIENT \
    DIRECTORY_CLIENT EXCHANGE_CLIENT DIGITAL_ID_CLIENT; do
    echo "$name=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
done
