"""Teams, claims and escalations of requests, and grants that can be told from the events."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE dgatier_request
    ADD COLUMN assignee_id TEXT,
    ADD COLUMN members JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN reviewers JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN escalated_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX dgatier_request_members ON dgatier_request USING gin (members);

CREATE INDEX dgatier_request_reviewers ON dgatier_request USING gin (reviewers);

ALTER TABLE dgatier_grant ADD COLUMN conditions JSONB NOT NULL
    DEFAULT '{"provinces": [], "years": [], "columns": []}';

ALTER TABLE dgatier_grant DROP CONSTRAINT dgatier_grant_request_id_key;

ALTER TABLE dgatier_grant ADD UNIQUE (request_id, subject_id);
"""

# The log is only added to: what older events did not say, the agency and the grants, is said now.
EVENTS = """
CREATE TEMPORARY TABLE said ON COMMIT DROP AS
SELECT request.id AS request_id, 1 AS place, 'addressed' AS type,
       request.requester_id AS actor_id, request.created_at AS at,
       jsonb_build_object('agency', request.agency) AS payload
  FROM dgatier_request AS request
UNION ALL
SELECT one.request_id, 2, 'granted',
       coalesce(one.approved_by ->> -1, one.subject_id), one.valid_from,
       jsonb_build_object('grant_id', one.id, 'subject', one.subject_id, 'tier', one.tier,
           'organisation', one.organisation, 'valid_until', one.valid_until,
           'approved_by', one.approved_by)
  FROM dgatier_grant AS one
UNION ALL
SELECT one.request_id, 3, 'revoked', one.revoked_by, one.revoked_at,
       jsonb_build_object('grant_id', one.id, 'reason', one.revoke_reason)
  FROM dgatier_grant AS one
 WHERE one.revoked_at IS NOT NULL;

INSERT INTO dgatier_request_event (request_id, sequence, type, actor_id, at, payload)
SELECT said.request_id,
       request.version + row_number() OVER (PARTITION BY said.request_id ORDER BY said.place),
       said.type, said.actor_id, said.at, said.payload
  FROM said JOIN dgatier_request AS request ON request.id = said.request_id;

UPDATE dgatier_request AS request
   SET version = (SELECT count(*) FROM dgatier_request_event AS event
                   WHERE event.request_id = request.id);
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(EVENTS)


def downgrade() -> None:
    op.execute("ALTER TABLE dgatier_grant DROP CONSTRAINT dgatier_grant_request_id_subject_id_key")
    op.execute("ALTER TABLE dgatier_grant ADD UNIQUE (request_id)")
    op.execute("ALTER TABLE dgatier_grant DROP COLUMN conditions")
    op.execute(
        "ALTER TABLE dgatier_request DROP COLUMN assignee_id, DROP COLUMN members,"
        " DROP COLUMN reviewers, DROP COLUMN escalated_at"
    )
