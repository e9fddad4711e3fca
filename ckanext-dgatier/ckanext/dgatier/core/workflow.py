"""The one table of what can be done with a request: by whom, in which state, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RequestState(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


class RequestRole(StrEnum):
    """What a person is to a request; the clock is nobody, and does what falls due.

    The policy is nobody either: it gives at once what a rule of the agency gives.
    A deputy stands in for the steward who works on it, and is a steward too.
    """

    REQUESTER = "requester"
    MEMBER = "member"
    STEWARD = "steward"
    DEPUTY = "deputy"
    REVIEWER = "reviewer"
    CLOCK = "clock"
    POLICY = "policy"


class RequestCommand(StrEnum):
    """What can be done with a request."""

    UPDATE = "update"
    ATTACH = "attach"
    DETACH = "detach"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    DECLINE = "decline"
    CLAIM = "claim"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    ASK_REVIEW = "ask_review"
    REVIEW = "review"
    REMARK = "remark"
    RETURN = "return"
    APPROVE = "approve"
    REJECT = "reject"
    APPEAL = "appeal"
    REVOKE = "revoke"
    CLOSE = "close"
    ESCALATE = "escalate"
    EXPIRE = "expire"
    WITHHOLD = "withhold"
    RESTORE = "restore"
    ACCEPT_TERMS = "accept_terms"


class EventType(StrEnum):
    """What can have happened to a request.

    `addressed` names the agency of a request that was made before events named it, `levelled` the
    level at which a grant was approved of which older events did not say it.
    """

    CREATED = "created"
    ADDRESSED = "addressed"
    UPDATED = "updated"
    ATTACHED = "attached"
    DETACHED = "detached"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CLAIMED = "claimed"
    RELEASED = "released"
    HANDED_OVER = "handed_over"
    REVIEW_ASKED = "review_asked"
    REVIEWED = "reviewed"
    REMARKED = "remarked"
    RETURNED = "returned"
    APPROVAL_GIVEN = "approval_given"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPEALED = "appealed"
    GRANTED = "granted"
    REVOKED = "revoked"
    CLOSED = "closed"
    ESCALATED = "escalated"
    EXPIRED = "expired"
    WITHHELD = "withheld"
    RESTORED = "restored"
    TERMS_ACCEPTED = "terms_accepted"
    LEVELLED = "levelled"


_WRITING = frozenset(
    {
        RequestCommand.UPDATE,
        RequestCommand.ATTACH,
        RequestCommand.DETACH,
        RequestCommand.SUBMIT,
        RequestCommand.WITHDRAW,
    }
)
_TEAM = frozenset({RequestCommand.ACCEPT, RequestCommand.DECLINE, RequestCommand.REMARK})
_DECIDING = frozenset(
    {
        RequestCommand.HAND_OVER,
        RequestCommand.ASK_REVIEW,
        RequestCommand.REMARK,
        RequestCommand.RETURN,
        RequestCommand.APPROVE,
        RequestCommand.REJECT,
    }
)
_REVIEWING = frozenset({RequestCommand.REVIEW, RequestCommand.REMARK})

#: Which role may do which command in which state: the one table that code and docs share.
WORKFLOW: Mapping[RequestState, Mapping[RequestRole, frozenset[RequestCommand]]] = {
    RequestState.DRAFT: {
        RequestRole.REQUESTER: _WRITING,
        RequestRole.CLOCK: frozenset({RequestCommand.WITHDRAW}),
    },
    RequestState.SUBMITTED: {
        RequestRole.REQUESTER: frozenset({RequestCommand.WITHDRAW, RequestCommand.REMARK}),
        RequestRole.MEMBER: _TEAM,
        RequestRole.STEWARD: _DECIDING | {RequestCommand.CLAIM},
        RequestRole.REVIEWER: _REVIEWING,
        RequestRole.CLOCK: frozenset({RequestCommand.ESCALATE}),
        RequestRole.POLICY: frozenset({RequestCommand.APPROVE}),
    },
    RequestState.IN_REVIEW: {
        RequestRole.REQUESTER: frozenset({RequestCommand.WITHDRAW, RequestCommand.REMARK}),
        RequestRole.MEMBER: _TEAM,
        RequestRole.STEWARD: _DECIDING | {RequestCommand.RELEASE},
        RequestRole.DEPUTY: frozenset({RequestCommand.CLAIM}),
        RequestRole.REVIEWER: _REVIEWING,
        RequestRole.CLOCK: frozenset({RequestCommand.ESCALATE}),
    },
    RequestState.RETURNED: {
        RequestRole.REQUESTER: _WRITING | {RequestCommand.REMARK},
        RequestRole.MEMBER: _TEAM,
        RequestRole.STEWARD: frozenset({RequestCommand.REMARK}),
    },
    RequestState.APPROVED: {
        RequestRole.REQUESTER: frozenset(
            {RequestCommand.REMARK, RequestCommand.CLOSE, RequestCommand.ACCEPT_TERMS}
        ),
        RequestRole.MEMBER: _TEAM | {RequestCommand.ACCEPT_TERMS},
        RequestRole.STEWARD: frozenset({RequestCommand.REMARK, RequestCommand.REVOKE}),
        RequestRole.CLOCK: frozenset(
            {RequestCommand.EXPIRE, RequestCommand.WITHHOLD, RequestCommand.RESTORE}
        ),
    },
    RequestState.REJECTED: {
        RequestRole.REQUESTER: frozenset({RequestCommand.REMARK, RequestCommand.APPEAL}),
        RequestRole.STEWARD: frozenset({RequestCommand.REMARK}),
    },
    RequestState.WITHDRAWN: {},
    RequestState.EXPIRED: {
        RequestRole.REQUESTER: frozenset({RequestCommand.REMARK, RequestCommand.CLOSE}),
        RequestRole.STEWARD: frozenset({RequestCommand.REMARK, RequestCommand.REVOKE}),
    },
    RequestState.CLOSED: {},
}

#: The event that each command makes; `approve` makes one or two.
EVENT_OF: Mapping[RequestCommand, EventType] = {
    RequestCommand.UPDATE: EventType.UPDATED,
    RequestCommand.ATTACH: EventType.ATTACHED,
    RequestCommand.DETACH: EventType.DETACHED,
    RequestCommand.SUBMIT: EventType.SUBMITTED,
    RequestCommand.WITHDRAW: EventType.WITHDRAWN,
    RequestCommand.ACCEPT: EventType.ACCEPTED,
    RequestCommand.DECLINE: EventType.DECLINED,
    RequestCommand.CLAIM: EventType.CLAIMED,
    RequestCommand.RELEASE: EventType.RELEASED,
    RequestCommand.HAND_OVER: EventType.HANDED_OVER,
    RequestCommand.ASK_REVIEW: EventType.REVIEW_ASKED,
    RequestCommand.REVIEW: EventType.REVIEWED,
    RequestCommand.REMARK: EventType.REMARKED,
    RequestCommand.RETURN: EventType.RETURNED,
    RequestCommand.APPROVE: EventType.APPROVAL_GIVEN,
    RequestCommand.REJECT: EventType.REJECTED,
    RequestCommand.APPEAL: EventType.APPEALED,
    RequestCommand.REVOKE: EventType.REVOKED,
    RequestCommand.CLOSE: EventType.CLOSED,
    RequestCommand.ESCALATE: EventType.ESCALATED,
    RequestCommand.EXPIRE: EventType.EXPIRED,
    RequestCommand.WITHHOLD: EventType.WITHHELD,
    RequestCommand.RESTORE: EventType.RESTORED,
    RequestCommand.ACCEPT_TERMS: EventType.TERMS_ACCEPTED,
}

#: The state after an event; where none is named it stays.
STATE_AFTER: Mapping[EventType, RequestState] = {
    EventType.CREATED: RequestState.DRAFT,
    EventType.SUBMITTED: RequestState.SUBMITTED,
    EventType.WITHDRAWN: RequestState.WITHDRAWN,
    EventType.CLAIMED: RequestState.IN_REVIEW,
    EventType.RELEASED: RequestState.SUBMITTED,
    EventType.HANDED_OVER: RequestState.IN_REVIEW,
    EventType.RETURNED: RequestState.RETURNED,
    EventType.APPROVED: RequestState.APPROVED,
    EventType.REJECTED: RequestState.REJECTED,
    EventType.APPEALED: RequestState.SUBMITTED,
    EventType.EXPIRED: RequestState.EXPIRED,
    EventType.CLOSED: RequestState.CLOSED,
}
