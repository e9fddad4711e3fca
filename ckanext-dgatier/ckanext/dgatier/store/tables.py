"""The tables of dgatier; their making is in `migration/dgatier/versions`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData()

_MOMENT = sa.DateTime(timezone=True)

person = sa.Table(
    "dgatier_person",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, nullable=False, unique=True),
    sa.Column("claims", JSONB, nullable=False),
    sa.Column("updated_at", _MOMENT, nullable=False),
    sa.Column("language", sa.Text),
    sa.Index("dgatier_person_agency", sa.text("(claims ->> 'agency')")),
)

token_assurance = sa.Table(
    "dgatier_token_assurance",
    metadata,
    sa.Column("token_id", sa.Text, primary_key=True),
    sa.Column("aal", sa.SmallInteger, nullable=False),
    sa.Column("authenticated_at", _MOMENT),
)

request_event = sa.Table(
    "dgatier_request_event",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("at", _MOMENT, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
)

request = sa.Table(
    "dgatier_request",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("requester_id", sa.Text, nullable=False),
    sa.Column("dataset_id", sa.Text, nullable=False),
    sa.Column("agency", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("justification", sa.Text, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("resource_ids", JSONB, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Column("submitted_at", _MOMENT),
    sa.Column("decided_at", _MOMENT),
    sa.Column("decision_reason", sa.Text),
    sa.Column("approvals", JSONB, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("assignee_id", sa.Text),
    sa.Column("members", JSONB, nullable=False),
    sa.Column("reviewers", JSONB, nullable=False),
    sa.Column("escalated_at", _MOMENT),
    sa.Index("dgatier_request_requester", "requester_id", "created_at"),
    sa.Index("dgatier_request_queue", "agency", "state", "submitted_at"),
    sa.Index("dgatier_request_members", "members", postgresql_using="gin"),
    sa.Index("dgatier_request_reviewers", "reviewers", postgresql_using="gin"),
)

draft = sa.Table(
    "dgatier_draft",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("words", JSONB, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("saved_at", _MOMENT, nullable=False),
)

attachment = sa.Table(
    "dgatier_attachment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Index("dgatier_attachment_request", "request_id"),
)

grant = sa.Table(
    "dgatier_grant",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("dataset_id", sa.Text, nullable=False),
    sa.Column("agency", sa.Text),
    sa.Column("resource_ids", JSONB, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("valid_from", _MOMENT, nullable=False),
    sa.Column("valid_until", _MOMENT, nullable=False),
    sa.Column("approved_by", JSONB, nullable=False),
    sa.Column("revoked_at", _MOMENT),
    sa.Column("revoked_by", sa.Text),
    sa.Column("revoke_reason", sa.Text),
    sa.Column("organisation", sa.Text),
    sa.Column("conditions", JSONB, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("accepted_terms", sa.Text),
    sa.Column("withheld", sa.Text),
    sa.UniqueConstraint("request_id", "subject_id"),
    sa.Index("dgatier_grant_subject", "subject_id", "dataset_id"),
    sa.Index("dgatier_grant_agency", "agency", "valid_until"),
    sa.Index("dgatier_grant_end", "valid_until", postgresql_where=sa.text("revoked_at IS NULL")),
)

delegation = sa.Table(
    "dgatier_delegation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text, nullable=False),
    sa.Column("steward_id", sa.Text, nullable=False),
    sa.Column("deputy_id", sa.Text, nullable=False),
    sa.Column("starts_at", _MOMENT, nullable=False),
    sa.Column("ends_at", _MOMENT, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Column("ended_at", _MOMENT),
    sa.Column("ended_by", sa.Text),
    sa.Index("dgatier_delegation_agency", "agency", "ends_at"),
)

_AUDIT = "dgatier_audit"  # a schema, and the role that owns it

audit_event = sa.Table(
    "event",
    metadata,
    sa.Column("lane", sa.SmallInteger, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("previous", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("seal", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    # Read out of the body by PostgreSQL, so that they cannot say anything else.
    sa.Column("at_us", sa.BigInteger, sa.Computed("body")),
    sa.Column("actor_id", sa.Text, sa.Computed("body")),
    sa.Column("action", sa.Text, sa.Computed("body")),
    sa.Column("dataset_id", sa.Text, sa.Computed("body")),
    schema=_AUDIT,
)

audit_words = sa.Table(
    "words",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    schema=_AUDIT,
)

audit_checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    schema=_AUDIT,
)

summary_answer = sa.Table(
    "dgatier_summary_answer",
    metadata,
    sa.Column("resource_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("answer", JSONB, nullable=False),
)

summary_budget = sa.Table(
    "dgatier_summary_budget",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("resource_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("pool", sa.Text),
    sa.Column("epsilon", sa.Float, nullable=False),
    sa.Column("at", _MOMENT, nullable=False),
    sa.Index("dgatier_summary_budget_pool", "resource_id", "pool", "at"),
)

level_event = sa.Table(
    "dgatier_level_event",
    metadata,
    sa.Column("log_id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("at", _MOMENT, nullable=False),
    sa.Column("proposal_id", sa.Text),
    sa.Column("payload", JSONB, nullable=False),
    sa.Index("dgatier_level_event_proposal", "proposal_id"),
)

level = sa.Table(
    "dgatier_level",
    metadata,
    sa.Column("log_id", sa.Text, primary_key=True),
    sa.Column("dataset_id", sa.Text, nullable=False),
    sa.Column("resource_id", sa.Text),
    sa.Column("standing", sa.Text),
    sa.Column("confirmed", sa.Text),
    sa.Column("ground", sa.Text, nullable=False),
    sa.Column("review_on", sa.Date),
    sa.Column("confirmed_by", JSONB, nullable=False),
    sa.Column("confirmed_at", _MOMENT),
    sa.Column("proposal_id", sa.Text),
    sa.Column("proposed_at", _MOMENT),
    sa.Index("dgatier_level_dataset", "dataset_id"),
    sa.Index("dgatier_level_waiting", "proposed_at"),
    sa.Index("dgatier_level_review", "review_on"),
)

notice = sa.Table(
    "dgatier_notice",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("at", _MOMENT, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("dataset_id", sa.Text),
    sa.Column("payload", JSONB, nullable=False),
    sa.Column("read_at", _MOMENT),
    sa.Index("dgatier_notice_user", "user_id", "at"),
    sa.Index("dgatier_notice_unread", "user_id", postgresql_where=sa.text("read_at IS NULL")),
)

outbox = sa.Table(
    "dgatier_outbox",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("dataset_id", sa.Text),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("told_at", _MOMENT, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", _MOMENT, nullable=False),
    sa.Column("lease_until", _MOMENT),
    sa.Column("settled_at", _MOMENT),
    sa.Column("error", sa.Text),
    sa.Index(
        "dgatier_outbox_due", "channel", "next_at", postgresql_where=sa.text("state = 'waiting'")
    ),
    sa.Index("dgatier_outbox_open", "state", postgresql_where=sa.text("state <> 'sent'")),
)

webhook = sa.Table(
    "dgatier_webhook",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("agency", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("kinds", JSONB, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Index("dgatier_webhook_agency", "agency"),
)

data_key = sa.Table(
    "dgatier_data_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("dataset_id", sa.Text, nullable=False),
    sa.Column("wrapped", sa.Text, nullable=False),
    sa.Column("made_at", _MOMENT, nullable=False, server_default=sa.text("now()")),
    sa.Index("dgatier_data_key_dataset", "dataset_id", "number"),
)
