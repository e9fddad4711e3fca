"""What people are told: the kinds of notice, whom each tells, its words, and when it is sent.

Mail and webhooks leave the portal, so their words name nothing but a dataset that everyone may
discover; of any other they say *a dataset*. Reasons and data stay in the portal, behind the link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .grant import Grant


class NoticeKind(StrEnum):
    """What people are told of."""

    REQUEST_SUBMITTED = "request_submitted"
    REQUEST_BY_RULE = "request_by_rule"
    REQUEST_ASSIGNED = "request_assigned"
    REQUEST_RETURNED = "request_returned"
    REQUEST_APPROVED = "request_approved"
    REQUEST_NARROWED = "request_narrowed"
    REQUEST_REJECTED = "request_rejected"
    DRAFT_LEFT = "draft_left"
    REQUEST_OVERDUE = "request_overdue"
    REQUEST_APPEALED = "request_appealed"
    REVIEW_ASKED = "review_asked"
    REVIEW_GIVEN = "review_given"
    TEAM_ASKED = "team_asked"
    TEAM_ACCEPTED = "team_accepted"
    TEAM_DECLINED = "team_declined"
    GRANT_REVOKED = "grant_revoked"
    GRANT_ENDS = "grant_ends"
    DELEGATION_GIVEN = "delegation_given"
    DELEGATION_ENDED = "delegation_ended"
    GRANT_ENDED = "grant_ended"
    GRANT_RECALLED = "grant_recalled"
    GRANT_SUSPENDED = "grant_suspended"
    GRANT_RESTORED = "grant_restored"
    GRANTS_RECALLED = "grants_recalled"
    LEVEL_LOWERED = "level_lowered"
    LEVEL_RAISED = "level_raised"
    LEVEL_WAITS = "level_waits"


class Audience(StrEnum):
    """Who is told."""

    STEWARDS = "the stewards of the agency"
    STEWARD = "the steward who works on it, and who stands in for them"
    REQUESTER = "who asked"
    DEPUTY = "who stands in, or stood in, for a steward, and the steward"
    REVIEWER = "whose opinion is asked"
    MEMBER = "who is named in the team"
    HOLDER = "who holds the grant"
    CONCERNED = "who holds a grant on the dataset or waits for one"


class Channel(StrEnum):
    """By which way a notice leaves the portal."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Delivery(StrEnum):
    """Where a notice is on its way out.

    `sending` is taken by a clock and certainly not accepted yet; `handing` is a mail whose last
    byte may have gone out, and `unsure` one of which no answer ever came.
    """

    WAITING = "waiting"
    SENDING = "sending"
    HANDING = "handing"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Words:
    """The subject of a mail, and one sentence with `{dataset}` and the kind's facts in it."""

    subject: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice.

    `page` is the path that it leads to; `facts` are the names of the codes, ids and numbers that
    may leave the portal with it; `mail` says whether it is mailed, `webhook` whether an agency's
    systems can be told.
    """

    audience: Audience
    th: Words
    en: Words
    page: str
    facts: tuple[str, ...] = ()
    mail: bool = True
    webhook: bool = True

    def words(self, language: str) -> Words:
        """Return the words in English for `en`, in Thai for any other language."""
        return self.en if language == "en" else self.th


_REQUEST = "/access/request/{request_id}"
_MINE = "/access/mine"
_LEVEL_CHANGED = (
    Words(
        "ชั้นความลับของชุดข้อมูลเปลี่ยนไป",
        "ชั้นความลับของ {dataset} ที่ท่านใช้หรือขอใช้เปลี่ยนไป",
    ),
    Words(
        "The level of a dataset was changed",
        "The level of {dataset}, which you use or asked for, was changed.",
    ),
    "/access/inbox",
)

KINDS: Mapping[NoticeKind, Kind] = {
    NoticeKind.REQUEST_SUBMITTED: Kind(
        Audience.STEWARDS,
        Words("มีคำขอรอการพิจารณา", "มีคำขอใช้ {dataset} รอหน่วยงานของท่านพิจารณา"),
        Words(
            "A request waits for a decision",
            "A request for {dataset} waits for a decision of your agency.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REQUEST_BY_RULE: Kind(
        Audience.STEWARDS,
        Words(
            "คำขอได้รับอนุมัติตามกฎของหน่วยงาน",
            "คำขอใช้ {dataset} ได้รับอนุมัติทันทีตามกฎของหน่วยงานท่าน หากไม่ควรให้ โปรดเพิกถอน",
        ),
        Words(
            "A request was approved by a rule",
            "A request for {dataset} was approved at once by a rule of your agency."
            " Revoke it if it should not have been.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REQUEST_ASSIGNED: Kind(
        Audience.STEWARD,
        Words("มีคำขอส่งต่อมาให้ท่าน", "คำขอใช้ {dataset} ถูกส่งต่อมาให้ท่านพิจารณา"),
        Words(
            "A request was handed over to you",
            "A request for {dataset} was handed over to you to be decided.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REQUEST_RETURNED: Kind(
        Audience.REQUESTER,
        Words("คำขอของท่านถูกส่งกลับให้แก้ไข", "คำขอใช้ {dataset} ถูกส่งกลับ โปรดแก้ไขแล้วส่งใหม่"),
        Words(
            "Your request was returned",
            "Your request for {dataset} was returned. Change it and send it again.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REQUEST_APPROVED: Kind(
        Audience.REQUESTER,
        Words("คำขอของท่านได้รับอนุมัติ", "คำขอใช้ {dataset} ได้รับอนุมัติ"),
        Words("Your request was approved", "Your request for {dataset} was approved."),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REQUEST_NARROWED: Kind(
        Audience.REQUESTER,
        Words(
            "คำขอของท่านได้รับอนุมัติบางส่วน",
            "คำขอใช้ {dataset} ได้รับอนุมัติน้อยกว่าที่ขอ ส่วนที่ต่างจากคำขออยู่ในหน้าคำขอ",
        ),
        Words(
            "Your request was approved in part",
            "Your request for {dataset} was approved for less than you asked. "
            "What was changed stands on its page.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REQUEST_REJECTED: Kind(
        Audience.REQUESTER,
        Words("คำขอของท่านไม่ได้รับอนุมัติ", "คำขอใช้ {dataset} ไม่ได้รับอนุมัติ เหตุผลอยู่ในหน้าคำขอ"),
        Words(
            "Your request was not approved",
            "Your request for {dataset} was not approved. The reason stands on its page.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.DRAFT_LEFT: Kind(
        Audience.REQUESTER,
        Words(
            "ร่างคำขอของท่านใกล้ถูกลบ",
            "ร่างคำขอใช้ {dataset} ที่ทิ้งไว้นานจะถูกลบในอีก {days} วัน หากยังต้องการ โปรดเขียนต่อ",
        ),
        Words(
            "Your draft is soon thrown away",
            "Your draft of a request for {dataset}, which was not touched for long, is thrown away "
            "in {days} days. Go on with it or send it if you need it.",
        ),
        _REQUEST,
        ("request_id", "days"),
        webhook=False,
    ),
    NoticeKind.REQUEST_OVERDUE: Kind(
        Audience.STEWARDS,
        Words("คำขอเกินกำหนดเวลาพิจารณา", "คำขอใช้ {dataset} รอการพิจารณาเกินกำหนดแล้ว"),
        Words(
            "A request waits for too long",
            "A request for {dataset} waits longer than it may. Decide on it soon.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REQUEST_APPEALED: Kind(
        Audience.STEWARDS,
        Words(
            "มีการอุทธรณ์รอการพิจารณา", "การไม่อนุมัติให้ใช้ {dataset} ถูกอุทธรณ์ และรอหน่วยงานของท่านพิจารณาใหม่"
        ),
        Words(
            "An appeal waits for a decision",
            "A rejection about {dataset} was appealed and is to be decided again.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REVIEW_ASKED: Kind(
        Audience.REVIEWER,
        Words("มีผู้ขอความเห็นของท่าน", "บริกรข้อมูลขอความเห็นของท่านต่อคำขอใช้ {dataset}"),
        Words(
            "Your opinion is asked", "A steward asks for your opinion on a request for {dataset}."
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.REVIEW_GIVEN: Kind(
        Audience.STEWARD,
        Words("มีความเห็นต่อคำขอ", "ความเห็นที่ขอไว้ต่อคำขอใช้ {dataset} มาแล้ว"),
        Words(
            "An opinion was given",
            "The opinion that was asked on a request for {dataset} is there.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.TEAM_ASKED: Kind(
        Audience.MEMBER,
        Words("ท่านได้รับเชิญเข้าร่วมคณะทำงาน", "คำขอใช้ {dataset} ระบุชื่อท่านในคณะทำงาน โปรดตอบรับหรือปฏิเสธ"),
        Words(
            "You are named in a team",
            "A request for {dataset} names you in its team. Say whether you take part.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.TEAM_ACCEPTED: Kind(
        Audience.REQUESTER,
        Words("มีผู้ตอบรับเข้าร่วมคณะทำงาน", "ผู้ร่วมคณะทำงานในคำขอใช้ {dataset} ตอบรับแล้ว"),
        Words(
            "Someone takes part in your team",
            "Someone whom your request for {dataset} names takes part in its team.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.TEAM_DECLINED: Kind(
        Audience.REQUESTER,
        Words("มีผู้ปฏิเสธเข้าร่วมคณะทำงาน", "ผู้ร่วมคณะทำงานในคำขอใช้ {dataset} ปฏิเสธหรือถอนตัว"),
        Words(
            "Someone takes no part in your team",
            "Someone whom your request for {dataset} names takes no part in its team.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.GRANT_REVOKED: Kind(
        Audience.HOLDER,
        Words("สิทธิของท่านถูกเพิกถอน", "สิทธิใช้ {dataset} ถูกเพิกถอน เหตุผลอยู่ในหน้าสิทธิของฉัน"),
        Words(
            "Your access was revoked",
            "Your access to {dataset} was revoked. The reason stands under My access.",
        ),
        _MINE,
        ("grant_id",),
    ),
    NoticeKind.GRANT_ENDS: Kind(
        Audience.HOLDER,
        Words(
            "สิทธิของท่านใกล้สิ้นสุด",
            "สิทธิใช้ {dataset} สิ้นสุด {until} หากยังจำเป็นต้องใช้ โปรดขอใหม่ก่อนถึงเวลานั้น",
        ),
        Words(
            "Your access ends soon",
            "Your access to {dataset} ends on {until}. Ask again before then if you need it.",
        ),
        _MINE,
        ("grant_id", "days", "until"),
    ),
    NoticeKind.DELEGATION_GIVEN: Kind(
        Audience.DEPUTY,
        Words(
            "ท่านได้รับมอบหมายให้ทำการแทน",
            "ท่านได้รับมอบหมายให้ทำการแทนบริกรข้อมูลอีกท่านหนึ่งจนถึง {until}",
        ),
        Words(
            "You are to stand in for a steward",
            "You are to stand in for another steward of your agency until {until}.",
        ),
        "/steward/absence",
        ("delegation_id", "until"),
    ),
    NoticeKind.DELEGATION_ENDED: Kind(
        Audience.DEPUTY,
        Words("การทำการแทนสิ้นสุดก่อนกำหนด", "การทำการแทนระหว่างบริกรข้อมูลสิ้นสุดก่อนกำหนดแล้ว"),
        Words(
            "A steward's absence ended early",
            "Nobody stands in any more: the delegation was ended early.",
        ),
        "/steward/absence",
        ("delegation_id",),
    ),
    NoticeKind.GRANT_ENDED: Kind(
        Audience.HOLDER,
        Words(
            "สิทธิของท่านสิ้นสุดแล้ว",
            "สิทธิใช้ {dataset} สิ้นสุดแล้ว โปรดแจ้งในหน้าคำขอว่าจัดการสำเนาข้อมูลอย่างไร",
        ),
        Words(
            "Your access has ended",
            "Your access to {dataset} has ended. Say on the request what became of the copies.",
        ),
        _REQUEST,
        ("request_id",),
    ),
    NoticeKind.GRANT_RECALLED: Kind(
        Audience.HOLDER,
        Words(
            "สิทธิของท่านใช้ไม่ได้แล้ว",
            "ชั้นความลับของ {dataset} ถูกยกให้สูงกว่าเมื่ออนุมัติ สิทธิเดิมจึงใช้ไม่ได้ หากยังจำเป็นต้องใช้ โปรดยื่นคำขอใหม่",
        ),
        Words(
            "Your access was recalled",
            "The level of {dataset} was raised above the one at which your access was approved."
            " Ask again if you need it.",
        ),
        _MINE,
        ("grant_id",),
    ),
    NoticeKind.GRANT_SUSPENDED: Kind(
        Audience.HOLDER,
        Words(
            "สิทธิของท่านพักไว้จนกว่าจะยอมรับเงื่อนไขใหม่",
            "เงื่อนไขการใช้ {dataset} เปลี่ยนไป โปรดอ่านและยอมรับเงื่อนไขใหม่เพื่อใช้สิทธิต่อ",
        ),
        Words(
            "Your access waits for you to accept new terms",
            "The terms of use of {dataset} have changed. Read and accept them to go on.",
        ),
        "/access/terms/{dataset_id}",
        ("grant_id",),
    ),
    NoticeKind.GRANT_RESTORED: Kind(
        Audience.HOLDER,
        Words("สิทธิของท่านใช้ได้อีกครั้ง", "สิทธิใช้ {dataset} ที่พักไว้ ใช้ได้อีกครั้ง"),
        Words(
            "Your access counts again",
            "Your access to {dataset}, which was held back, counts again.",
        ),
        _MINE,
        ("grant_id",),
    ),
    NoticeKind.GRANTS_RECALLED: Kind(
        Audience.STEWARDS,
        Words(
            "สิทธิที่อนุมัติไว้ถูกเรียกคืน",
            "ชั้นความลับของ {dataset} ถูกยกขึ้น สิทธิที่อนุมัติไว้ที่ชั้นต่ำกว่าจึงใช้ไม่ได้แล้ว",
        ),
        Words(
            "Grants were recalled",
            "The level of {dataset} was raised; what was approved at a lower one does not count"
            " any more.",
        ),
        "/steward/holders",
    ),
    NoticeKind.LEVEL_LOWERED: Kind(Audience.CONCERNED, *_LEVEL_CHANGED),
    NoticeKind.LEVEL_RAISED: Kind(Audience.CONCERNED, *_LEVEL_CHANGED),
    NoticeKind.LEVEL_WAITS: Kind(
        Audience.STEWARDS,
        Words("มีชั้นความลับรอยืนยัน", "ชั้นความลับที่เสนอสำหรับ {dataset} รอการยืนยัน"),
        Words(
            "A level waits to be confirmed",
            "The level proposed for {dataset} waits to be confirmed.",
        ),
        "/steward/level/{dataset_id}",
        ("proposal_id",),
    ),
}

#: What an agency's systems can be told; a draft is nobody's but its author's.
FOR_SYSTEMS = tuple(kind for kind in NoticeKind if KINDS[kind].webhook)
#: How a dataset is called that not everyone may discover.
_SOME_DATASET = {"th": "ชุดข้อมูลหนึ่ง", "en": "a dataset"}
#: So many days before its end the holder of a grant is told, the nearest to the end first.
REMINDERS = (1, 7, 30)
_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=1)
_GIVE_UP_AFTER = timedelta(days=1)


def facts_of(kind: NoticeKind, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a notice's payload may leave the portal."""
    return {name: payload[name] for name in KINDS[kind].facts if name in payload}


def named(title: str | None, language: str) -> str:
    """Return how a sentence calls a dataset: by its title, `None` where that is not for all."""
    if title is None:
        return _SOME_DATASET["en" if language == "en" else "th"]
    return f"“{' '.join(title.split())}”"


def next_try(told_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after so many attempts; `None` a day after it was to be told."""
    if now - told_at >= _GIVE_UP_AFTER:
        return None
    doublings = min(attempts - 1, 16)
    return now + min(_FIRST_PAUSE * 2**doublings, _LONGEST_PAUSE)


def due_reminder(grant: Grant, now: datetime) -> int | None:
    """Return by which of `REMINDERS` its holder is to be told of a grant's end, or `None`.

    Of those that have come, the nearest to the end; none that would have come before the grant
    began, nor once it has ended.
    """
    if not grant.valid_from <= now < grant.valid_until or grant.revoked_at is not None:
        return None
    for days in REMINDERS:
        moment = grant.valid_until - timedelta(days=days)
        if moment <= now:
            return days if moment > grant.valid_from else None
    return None


def is_renewed(grant: Grant, others: Iterable[Grant]) -> bool:
    """Say whether another grant of the holder gives as much for the same purpose, but longer."""
    return any(
        one.id != grant.id
        and one.revoked_at is None
        and (one.dataset_id, one.purpose) == (grant.dataset_id, grant.purpose)
        and one.valid_from <= grant.valid_until < one.valid_until
        and one.tier.allows(grant.tier)
        and _covers(one, grant)
        for one in others
    )


def _covers(one: Grant, other: Grant) -> bool:
    if not one.resource_ids:
        return True
    return bool(other.resource_ids) and set(other.resource_ids) <= set(one.resource_ids)
