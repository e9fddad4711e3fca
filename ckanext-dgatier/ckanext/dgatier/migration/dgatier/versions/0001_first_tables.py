"""People, requests, grants and the audit, which nothing can change once it is written."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE dgatier_audit (
    sequence BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    action TEXT NOT NULL,
    actor_id TEXT,
    dataset_id TEXT,
    resource_id TEXT,
    outcome TEXT NOT NULL,
    decision_id TEXT,
    detail JSONB NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (sequence)
);

CREATE INDEX dgatier_audit_actor ON dgatier_audit (actor_id, at);

CREATE INDEX dgatier_audit_dataset ON dgatier_audit (dataset_id, at);

CREATE TABLE dgatier_grant (
    id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    agency TEXT,
    resource_ids JSONB NOT NULL,
    tier TEXT NOT NULL,
    purpose TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    approved_by JSONB NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    revoke_reason TEXT,
    PRIMARY KEY (id),
    UNIQUE (request_id)
);

CREATE INDEX dgatier_grant_agency ON dgatier_grant (agency, valid_until);

CREATE INDEX dgatier_grant_subject ON dgatier_grant (subject_id, dataset_id);

CREATE TABLE dgatier_person (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    claims JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id)
);

CREATE TABLE dgatier_request (
    id TEXT NOT NULL,
    requester_id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    agency TEXT,
    state TEXT NOT NULL,
    tier TEXT NOT NULL,
    purpose TEXT NOT NULL,
    justification TEXT NOT NULL,
    days INTEGER NOT NULL,
    resource_ids JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE,
    decided_at TIMESTAMP WITH TIME ZONE,
    decision_reason TEXT,
    approvals JSONB NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX dgatier_request_queue ON dgatier_request (agency, state, submitted_at);

CREATE INDEX dgatier_request_requester ON dgatier_request (requester_id, created_at);

CREATE TABLE dgatier_request_event (
    request_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    payload JSONB NOT NULL,
    PRIMARY KEY (request_id, sequence)
);

CREATE TABLE dgatier_token_assurance (
    token_id TEXT NOT NULL,
    aal SMALLINT NOT NULL,
    authenticated_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (token_id)
);
"""

APPEND_ONLY = """
CREATE FUNCTION dgatier_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME;
END
$$;

CREATE TRIGGER dgatier_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dgatier_audit
    FOR EACH STATEMENT EXECUTE FUNCTION dgatier_refuse_change();

CREATE TRIGGER dgatier_request_event_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON dgatier_request_event
    FOR EACH STATEMENT EXECUTE FUNCTION dgatier_refuse_change();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    for table in ("audit", "grant", "request", "request_event", "token_assurance", "person"):
        op.execute(f"DROP TABLE dgatier_{table}")
    op.execute("DROP FUNCTION dgatier_refuse_change()")
