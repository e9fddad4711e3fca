"""Template helpers; they word and format, and never decide who gets what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from ckan.lib import helpers
from ckan.plugins import toolkit

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import calendar, notice
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.notice import NoticeKind
from ckanext.dgatier.core.purpose import PURPOSE_BY_CODE, PURPOSES
from ckanext.dgatier.core.subject import Role
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import decision_point, memory
from ckanext.dgatier.policy import PolicyUnavailable

from . import column_texts, plots, request_texts, security_headers

_BARS = 10  # as many as fit a screen

_LEVELS = {
    ClassificationLevel.OPEN: ("เปิดเผย", "Open"),
    ClassificationLevel.INTERNAL: ("เผยแพร่ภายในองค์กร", "Internal"),
    ClassificationLevel.CONFIDENTIAL: ("ลับ", "Confidential"),
    ClassificationLevel.SECRET: ("ลับมาก", "Secret"),
    ClassificationLevel.TOP_SECRET: ("ลับที่สุด", "Top secret"),
}
_TIERS = {
    AccessTier.NONE: ("ไม่มีสิทธิ", "No access"),
    AccessTier.DISCOVER: ("คำอธิบายชุดข้อมูล", "Description"),
    AccessTier.SUMMARY: ("สรุปทางสถิติ", "Summary"),
    AccessTier.MASKED: ("รายแถวแบบปกปิด", "Masked rows"),
    AccessTier.FULL: ("ข้อมูลทั้งหมด", "Everything"),
}
_ACTIONS = {
    AuditAction.DATA_READ: ("อ่านข้อมูล", "Data read"),
    AuditAction.DATA_SENT: ("ส่งข้อมูลแล้ว", "Data sent"),
    AuditAction.DATA_REFUSED: ("ปฏิเสธการเข้าถึงข้อมูล", "Data refused"),
    AuditAction.DATA_PREVIEWED: ("ดูข้อมูลในมุมมองของผู้อื่น", "Data seen as others do"),
    AuditAction.FILE_DOWNLOAD: ("ดาวน์โหลดไฟล์", "File downloaded"),
    AuditAction.REQUEST_CREATED: ("เขียนคำขอ", "Request written"),
    AuditAction.REQUEST_UPDATED: ("แก้ไขคำขอ", "Request changed"),
    AuditAction.REQUEST_SUBMITTED: ("ส่งคำขอ", "Request sent"),
    AuditAction.REQUEST_WITHDRAWN: ("ถอนคำขอ", "Request withdrawn"),
    AuditAction.REQUEST_RETURNED: ("ส่งคำขอกลับให้แก้ไข", "Request returned"),
    AuditAction.REQUEST_APPROVAL_GIVEN: ("ให้ความเห็นชอบ", "Approval given"),
    AuditAction.REQUEST_APPROVED: ("อนุมัติคำขอ", "Request approved"),
    AuditAction.REQUEST_REJECTED: ("ไม่อนุมัติคำขอ", "Request rejected"),
    AuditAction.REQUEST_ACCEPTED: ("รับเข้าร่วมคณะทำงาน", "Team joined"),
    AuditAction.REQUEST_DECLINED: ("ปฏิเสธเข้าร่วมคณะทำงาน", "Team declined"),
    AuditAction.REQUEST_CLAIMED: ("รับเรื่องไว้พิจารณา", "Request taken on"),
    AuditAction.REQUEST_RELEASED: ("คืนเรื่อง", "Request put back"),
    AuditAction.REQUEST_HANDED_OVER: ("มอบเรื่องให้ผู้อื่น", "Request handed over"),
    AuditAction.REQUEST_REVIEW_ASKED: ("ขอความเห็น", "Opinion asked"),
    AuditAction.REQUEST_REVIEWED: ("ให้ความเห็น", "Opinion given"),
    AuditAction.REQUEST_REMARKED: ("บันทึกข้อความ", "Remark"),
    AuditAction.REQUEST_APPEALED: ("อุทธรณ์", "Appeal"),
    AuditAction.REQUEST_CLOSED: ("ปิดคำขอ", "Request closed out"),
    AuditAction.REQUEST_ESCALATED: ("เกินกำหนดเวลาพิจารณา", "Request overdue"),
    AuditAction.REQUEST_EXPIRED: ("สิ้นสุดระยะเวลา", "Request ended"),
    AuditAction.REQUEST_ATTACHED: ("แนบไฟล์กับคำขอ", "File attached to a request"),
    AuditAction.REQUEST_DETACHED: ("นำไฟล์แนบออก", "Attached file taken away"),
    AuditAction.ATTACHMENT_SENT: ("ดาวน์โหลดไฟล์แนบ", "Attached file downloaded"),
    AuditAction.ATTACHMENT_REFUSED: ("ปฏิเสธไฟล์แนบ", "Attached file refused"),
    AuditAction.GRANT_CREATED: ("ให้สิทธิ", "Grant given"),
    AuditAction.GRANT_REVOKED: ("เพิกถอนสิทธิ", "Grant revoked"),
    AuditAction.GRANT_WITHHELD: ("พักสิทธิ", "Grant withheld"),
    AuditAction.GRANT_RESTORED: ("สิทธิใช้ได้อีกครั้ง", "Grant counts again"),
    AuditAction.GRANT_TERMS_ACCEPTED: ("ยอมรับเงื่อนไขการใช้ข้อมูล", "Terms of use accepted"),
    AuditAction.DATASET_PUBLISHED: ("เผยแพร่ชุดข้อมูล", "Dataset published"),
    AuditAction.DATASET_CHANGED: ("แก้ไขชุดข้อมูล", "Dataset changed"),
    AuditAction.LEVEL_PROPOSED: ("เสนอชั้นความลับ", "Level proposed"),
    AuditAction.LEVEL_RAISED: ("เพิ่มชั้นความลับ", "Level raised"),
    AuditAction.LEVEL_APPROVAL_GIVEN: ("เห็นชอบชั้นความลับ", "Level approved"),
    AuditAction.LEVEL_CONFIRMED: ("ยืนยันชั้นความลับ", "Level confirmed"),
    AuditAction.LEVEL_LOWERED: ("ลดชั้นความลับ", "Level lowered"),
    AuditAction.LEVEL_REFUSED: ("ไม่ยืนยันชั้นความลับ", "Level refused"),
    AuditAction.LEVEL_WITHDRAWN: ("ถอนข้อเสนอชั้นความลับ", "Level proposal withdrawn"),
    AuditAction.LEVEL_REVIEWED: ("ทบทวนชั้นความลับ", "Level reviewed"),
    AuditAction.DELEGATION_CREATED: ("มอบหมายให้ทำการแทน", "Deputy named"),
    AuditAction.DELEGATION_ENDED: ("ยุติการทำการแทน", "Delegation ended"),
    AuditAction.WEBHOOK_CREATED: ("ตั้งเว็บฮุก", "Webhook made"),
    AuditAction.WEBHOOK_DELETED: ("ลบเว็บฮุก", "Webhook deleted"),
    AuditAction.WORDS_ERASED: ("ลบข้อความ", "Words erased"),
    AuditAction.AUDIT_EXPORTED: ("ส่งออกบันทึก", "Audit exported"),
    AuditAction.SIGN_IN: ("ลงชื่อเข้าใช้", "Sign-in"),
    AuditAction.SIGN_OUT: ("ลงชื่อออก", "Sign-out"),
    AuditAction.RECOVERY_SIGN_IN: ("ลงชื่อเข้าใช้กู้คืน", "Recovery sign-in"),
}

_NOTICE_KINDS = {
    NoticeKind.REQUEST_SUBMITTED: ("มีคำขอเข้ามา", "A request came in"),
    NoticeKind.REQUEST_BY_RULE: ("อนุมัติคำขอตามกฎ", "A request was approved by a rule"),
    NoticeKind.REQUEST_ASSIGNED: ("ส่งต่อคำขอ", "A request was handed over"),
    NoticeKind.REQUEST_RETURNED: ("ส่งคำขอกลับให้แก้ไข", "A request was returned"),
    NoticeKind.REQUEST_APPROVED: ("อนุมัติคำขอ", "A request was approved"),
    NoticeKind.REQUEST_NARROWED: ("อนุมัติคำขอบางส่วน", "A request was approved in part"),
    NoticeKind.REQUEST_REJECTED: ("ไม่อนุมัติคำขอ", "A request was not approved"),
    NoticeKind.DRAFT_LEFT: ("ร่างคำขอใกล้ถูกลบ", "A draft is soon thrown away"),
    NoticeKind.REQUEST_OVERDUE: ("คำขอเกินกำหนด", "A request waits for too long"),
    NoticeKind.REQUEST_APPEALED: ("มีการอุทธรณ์", "A rejection was appealed"),
    NoticeKind.REVIEW_ASKED: ("ขอความเห็น", "An opinion was asked"),
    NoticeKind.REVIEW_GIVEN: ("ให้ความเห็น", "An opinion was given"),
    NoticeKind.TEAM_ASKED: ("เชิญเข้าร่วมคณะทำงาน", "Someone was named in a team"),
    NoticeKind.TEAM_ACCEPTED: ("ตอบรับเข้าร่วมคณะทำงาน", "Someone takes part in a team"),
    NoticeKind.TEAM_DECLINED: ("ปฏิเสธเข้าร่วมคณะทำงาน", "Someone takes no part in a team"),
    NoticeKind.GRANT_REVOKED: ("เพิกถอนสิทธิ", "A grant was revoked"),
    NoticeKind.GRANT_ENDS: ("สิทธิใกล้สิ้นสุด", "A grant ends soon"),
    NoticeKind.DELEGATION_GIVEN: ("มอบหมายให้ทำการแทน", "A deputy was named"),
    NoticeKind.DELEGATION_ENDED: ("ยุติการทำการแทน", "A delegation was ended"),
    NoticeKind.GRANT_ENDED: ("สิทธิสิ้นสุด", "A grant has ended"),
    NoticeKind.GRANT_RECALLED: ("เรียกคืนสิทธิ", "A grant was recalled"),
    NoticeKind.GRANT_SUSPENDED: ("พักสิทธิ", "A grant was suspended"),
    NoticeKind.GRANT_RESTORED: ("สิทธิใช้ได้อีกครั้ง", "A grant counts again"),
    NoticeKind.GRANTS_RECALLED: ("สิทธิถูกเรียกคืนเมื่อยกชั้น", "Grants were recalled by a raised level"),
    NoticeKind.LEVEL_LOWERED: ("ลดชั้นความลับ", "A level was lowered"),
    NoticeKind.LEVEL_RAISED: ("เพิ่มชั้นความลับ", "A level was raised"),
    NoticeKind.LEVEL_WAITS: ("ชั้นความลับรอยืนยัน", "A level waits to be confirmed"),
}


def dgatier_level_label(level: str | None) -> str:
    """Return the name of a level in the person's language."""
    try:
        return _in_language(_LEVELS[ClassificationLevel(level or "")])
    except ValueError:
        return toolkit._("Not classified")


def dgatier_tier_label(tier: str) -> str:
    """Return the name of a tier in the person's language."""
    return _in_language(_TIERS[AccessTier(tier)])


def dgatier_tiers() -> list[str]:
    """Return the tiers from the lowest rung up, without *none*."""
    return [str(tier) for tier in AccessTier if tier is not AccessTier.NONE]


def dgatier_reaches(tier: str, wanted: str) -> bool:
    """Say whether a tier includes another, to draw the ladder."""
    return AccessTier(tier).allows(AccessTier(wanted))


def dgatier_text(shape: Mapping[str, str]) -> str:
    """Return a message of policy (`{th, en}`) in the person's language."""
    return shape["th"] if helpers.lang() == "th" else shape["en"]


def dgatier_law(shape: Mapping[str, str]) -> str:
    """Return the section that a reason rests on in the person's language."""
    return shape["law"] if helpers.lang() == "th" else shape["law_en"]


def dgatier_action_label(action: str) -> str:
    """Return the name of an audit event in the person's language."""
    return _in_language(_ACTIONS[AuditAction(action)])


def dgatier_title(package: Mapping[str, Any]) -> str:
    """Return the title of a dataset in the person's language, Thai where there is no other."""
    own = package.get("title") or package.get("name") or ""
    return own if helpers.lang() == "th" else package.get("title_en") or own


def dgatier_notes(package: Mapping[str, Any]) -> str:
    """Return the description of a dataset in the person's language."""
    own = package.get("notes") or ""
    return own if helpers.lang() == "th" else package.get("notes_en") or own


def dgatier_date(moment: str | None, clock: bool = False) -> str:
    """Return a day in Thailand: in the Buddhist era (CE + 543) in Thai; `clock` adds the time."""
    if not moment:
        return "–"
    return calendar.worded(datetime.fromisoformat(moment), helpers.lang(), clock=clock)


def dgatier_end(until: str | None) -> str:
    """Return until when something holds: its last day, or the moment where that is not whole."""
    return calendar.end_worded(datetime.fromisoformat(until), helpers.lang()) if until else "–"


def dgatier_days_left(until: str) -> int:
    """Return how many days in Thailand come after today before a moment; 0 on the last day."""
    last = calendar.today(datetime.fromisoformat(until) - timedelta(microseconds=1))
    return (last - calendar.today(datetime.now(UTC))).days


def dgatier_days_since(moment: str) -> int:
    """Return how many days in Thailand ago a moment was."""
    return (calendar.today(datetime.now(UTC)) - calendar.today(datetime.fromisoformat(moment))).days


def dgatier_respond_days() -> int:
    """Return the days within which a request is to be decided."""
    return memory.kept("answer_days", policy.answer_days)


def dgatier_day(day: str | None) -> str:
    """Return a day, given as `2031-01-31`, as `dgatier_date` words it."""
    return dgatier_date(f"{day}T12:00:00+07:00") if day else "–"


def dgatier_month(month: str) -> str:
    """Return a month, given as `2031-01`, in the Buddhist era in Thai."""
    return calendar.month_worded(date.fromisoformat(f"{month}-01"), helpers.lang())


def dgatier_purpose_label(code: str) -> str:
    """Return the name of a purpose in the person's language."""
    purpose = PURPOSE_BY_CODE.get(code)
    return _in_language((purpose.th, purpose.en)) if purpose else code


def dgatier_purposes() -> list[dict[str, str]]:
    """Return the purposes as `{value, text}` for a form."""
    return [
        {"value": purpose.code, "text": _in_language((purpose.th, purpose.en))}
        for purpose in PURPOSES
    ]


def dgatier_access(dataset_id: str, resource_id: str | None = None) -> dict[str, Any] | None:
    """Return what the person may have of a dataset or resource; `None` when OPA is silent."""
    asked = {"id": dataset_id, **({"resource_id": resource_id} if resource_id else {})}

    def ask() -> dict[str, Any] | None:
        try:
            return toolkit.get_action("dgatier_access_show")({}, asked)
        except (PolicyUnavailable, toolkit.ObjectNotFound, toolkit.NotAuthorized):
            return None

    return memory.kept(("access", dataset_id, resource_id), ask)


def dgatier_refused() -> dict[str, Any] | None:
    """Return the decision by which this request was refused, `None` where it was not."""
    asked = decision_point.refused_in_this_request()
    return {**asked.decision.to_dict(), "dataset": asked.dataset.name} if asked else None


def dgatier_sign_in_level(step: Mapping[str, Any], step_up: int | None) -> int | None:
    """Return the level of the sign-in that a next step leads to; `None` where it is another."""
    levels = {"sign_in": 1, "step_up": step_up or 2}
    return levels.get(step["action"])


def dgatier_here() -> str:
    """Return the address of this very page, its language and query with it, to come back to."""
    return str(toolkit.url_for(helpers.current_url()))


def dgatier_preview(resource_id: str, limit: int = 10) -> dict[str, Any] | None:
    """Return rows or the summary of a resource at the person's tier, `None` where there is none."""
    try:
        return toolkit.get_action("dgatier_view_search")(
            {}, {"resource_id": resource_id, "limit": limit}
        )
    except (PolicyUnavailable, toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return None


def dgatier_summary_plot(cells: Sequence[Mapping[str, Any]]) -> plots.Plot:
    """Return the largest groups of a summary as bars; the table beside it has all."""
    return plots.cells(cells[:_BARS], toolkit._("(no value)"))


def dgatier_ingest(resource_id: str) -> dict[str, Any] | None:
    """Return how far the loading of a file into the DataStore is, for those who publish it.

    The loader's own `xloader_status` gives the log of the job as well, by a connection of its own
    that outlives a restart of the database and then fails once.
    """
    try:
        toolkit.check_access("xloader_status", {}, {"resource_id": resource_id})
        task = toolkit.get_action("task_status_show")(
            {}, {"entity_id": resource_id, "task_type": "xloader", "key": "xloader"}
        )
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized, KeyError):
        return None
    return {"status": task["state"], "last_updated": task["last_updated"]}


def dgatier_has_role(*roles: str) -> bool:
    """Say whether the person holds one of these roles, to show a link to a page."""
    return bool({Role(role) for role in roles} & identity.current_subject().roles)


def dgatier_stewards(package: Mapping[str, Any]) -> bool:
    """Say whether the person is a steward of a dataset's agency, to show a link to a page."""
    organization = package.get("organization") or {}
    own = identity.current_subject().agency
    return dgatier_has_role("steward", "senior_steward") and own == organization.get("name")


def dgatier_level_record(dataset_id: str) -> dict[str, Any] | None:
    """Return why a dataset has its level, who confirmed it, and when to look at it again.

    `{ground, review_on, confirmed_at, confirmed_by}`, names in the last; `None` where nobody
    confirmed here what stands.
    """
    stored = store.levels.load(dataset_id)
    current = stored.levelling if stored else None
    if current is None or current.confirmed_at is None or current.confirmed is not current.standing:
        return None
    names = store.people.names_of(current.confirmed_by)
    return {
        "ground": current.ground,
        "review_on": current.review_on.isoformat() if current.review_on else None,
        "confirmed_at": current.confirmed_at.isoformat(),
        "confirmed_by": [
            names[one]["display_name"] for one in current.confirmed_by if one in names
        ],
    }


def dgatier_notice_text(told: Mapping[str, Any]) -> str:
    """Return what a notice says, in the person's language."""
    payload = told["payload"]
    levels = {
        "level_lowered": toolkit._("The level of {title} was lowered to {level}."),
        "level_raised": toolkit._("The level of {title} was raised to {level}."),
    }
    if told["kind"] in levels:
        text = levels[told["kind"]].format(
            title=payload["dataset_title"], level=dgatier_level_label(payload["level"])
        )
        return f"{text} {payload['ground']}".strip()
    sentence = notice.KINDS[NoticeKind(told["kind"])].words(helpers.lang()).sentence
    english = helpers.lang() == "en" and told["dataset_title_en"]
    text = sentence.format(
        dataset=notice.named(english or told["dataset_title"], helpers.lang()),
        until=dgatier_end(payload.get("until")),
        days=payload.get("days"),
    )
    if given := payload.get("given"):
        label = toolkit._("Given:")
        text = f"{text} {label} {request_texts.dgatier_amount(given)}"
    return text


def dgatier_notice_page(told: Mapping[str, Any]) -> str | None:
    """Return the page that a notice leads to; `None` where its own dataset is the page."""
    kind = notice.KINDS[NoticeKind(told["kind"])]
    if kind.audience is notice.Audience.CONCERNED:
        return None
    path = kind.page.format(dataset_id=told["dataset_id"], **told["payload"])
    return str(helpers.url_for(path))


def dgatier_unread() -> int:
    """Return how many notices the person has not read."""
    subject = identity.current_subject()
    return 0 if subject.id is None else store.notices.unread(subject.id)


def dgatier_notice_kinds() -> list[dict[str, str]]:
    """Return the kinds of notice that systems can be told as `{value, text}` for a form."""
    return [
        {"value": str(kind), "text": _in_language(_NOTICE_KINDS[kind])}
        for kind in notice.FOR_SYSTEMS
    ]


def dgatier_levels(below: str | None = None) -> list[str]:
    """Return the levels that the portal holds, from the lowest up; those below one, if given."""
    highest = ClassificationLevel(below) if below else ClassificationLevel.TOP_SECRET
    return [str(level) for level in ClassificationLevel if level.rank < highest.rank]


def dgatier_facet_label(facet: str) -> Callable[[Mapping[str, Any]], str] | None:
    """Return what words the values of a facet whose values are codes; `None` for the others."""
    if facet == "classification_level":
        return lambda item: dgatier_level_label(item["name"])
    if facet == "data_category":
        field = helpers.helper_functions["scheming_field_by_name"](
            helpers.helper_functions["scheming_get_dataset_schema"]("dataset")["dataset_fields"],
            facet,
        )
        return lambda item: str(
            helpers.helper_functions["scheming_choices_label"](field["choices"], item["name"])
        )
    return None


def dgatier_error_title(code: int) -> str:
    """Return what a status code says to a person who does not know status codes."""
    words: dict[int, str] = {
        HTTPStatus.BAD_REQUEST: toolkit._("This request cannot be read"),
        HTTPStatus.FORBIDDEN: toolkit._("This is not yours to open"),
        HTTPStatus.NOT_FOUND: toolkit._("There is no such page"),
        HTTPStatus.INTERNAL_SERVER_ERROR: toolkit._("Something went wrong on our side"),
    }
    return words.get(code, toolkit._("This did not work"))


def dgatier_error_advice(code: int) -> str:
    """Return what a person can do about a status code; the same words for all who meet it."""
    words: dict[int, str] = {
        HTTPStatus.FORBIDDEN: toolkit._(
            "Open the dataset to see what you may have of it, and how to ask for more."
        ),
        HTTPStatus.NOT_FOUND: toolkit._("It may have moved, or the address may be mistyped."),
        HTTPStatus.INTERNAL_SERVER_ERROR: toolkit._(
            "It has been written down for those who run the portal. Nothing of yours was stored."
        ),
    }
    return words.get(code, toolkit._("Go back and try again."))


def dgatier_numbers_by_level() -> list[dict[str, Any]]:
    """Return how many datasets of each level the person may discover."""
    found = toolkit.get_action("package_search")(
        {}, {"rows": 0, "facet.field": ["classification_level"], "facet.limit": 10}
    )
    counts = {
        item["name"]: item["count"]
        for item in found["search_facets"].get("classification_level", {}).get("items", [])
    }
    return [
        {"level": str(level), "count": counts[level]}
        for level in ClassificationLevel
        if counts.get(level)
    ]


def get_helpers() -> dict[str, Any]:
    """Return the helpers by name."""
    own = {name: one for name, one in globals().items() if name.startswith("dgatier_")}
    return {
        **own,
        **column_texts.get_helpers(),
        **request_texts.get_helpers(),
        "dgatier_nonce": security_headers.nonce,
    }


def _in_language(pair: tuple[str, str]) -> str:
    return pair[0] if helpers.lang() == "th" else pair[1]
