"""Files that go with a request: what is taken, what is kept of it, and who opens it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckanapi import NotFound, ValidationError

import files
from instance import Instance, ckan, run_in_ckan
from scanner import scanner
from stack import database
from stack.settings import Settings

_DATASET = "shopping-subsidy-wallet"
_TERMS = {
    "id": _DATASET,
    "tier": "masked",
    "purpose": "dpv:AcademicResearch",
    "justification": "A study of how subsidies reach shops.",
    "days": 20,
}


@pytest.fixture
def nari(instance: Instance) -> Any:
    return instance.portal("nari")


@pytest.fixture
def draft(nari: Any) -> Iterator[dict[str, Any]]:
    """Return a draft of a researcher, whose request is taken back in the end."""
    made = nari.action.dgatier_request_create(**_TERMS, submit=False)
    yield made
    if "withdraw" in nari.action.dgatier_request_show(id=made["id"])["commands"]:
        nari.action.dgatier_request_withdraw(id=made["id"])


@pytest.fixture
def sql() -> Iterator[Any]:
    settings = Settings.load()
    with database.connect(settings, settings.secrets(), "ckan").cursor() as cursor:
        yield cursor


def _attach(portal: Any, request_id: str, name: str, content: bytes) -> dict[str, Any]:
    return dict(
        portal.call_action(
            "dgatier_request_attach",
            {"id": request_id},
            files={"upload": (name, io.BytesIO(content))},
        )
    )


def _kept() -> dict[str, Path]:
    folder = Settings.load().run / "storage" / "dgatier" / "attachments"
    return {path.name: path for path in folder.rglob("*") if path.is_file()}


def _newest(instance: Instance, action: str) -> dict[str, Any]:
    found = instance.portal("anan").action.dgatier_audit_list(action=action, limit=1)["results"]
    return dict(found[0])


def test_a_file_goes_with_the_request_and_its_digest_into_the_log(
    instance: Instance, nari: Any, draft: dict[str, Any], sql: Any
) -> None:
    content = files.pdf()
    shown = _attach(nari, draft["id"], "แผนวิจัย.pdf", content)
    (one,) = shown["attachments"]
    digest = hashlib.sha256(content).hexdigest()
    assert (one["name"], one["kind"], one["size"], one["sha256"]) == (
        "แผนวิจัย.pdf", "pdf", len(content), digest,
    )  # fmt: skip
    path = _kept()[one["id"]]
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sql.execute(
        "SELECT payload::text FROM dgatier_request_event"
        " WHERE type = 'attached' AND request_id = %s",
        (draft["id"],),
    )
    ((payload,),) = sql.fetchall()
    assert digest in payload
    assert "แผนวิจัย" not in payload
    event = _newest(instance, "request_attached")
    assert (event["detail"]["sha256"], event["detail"]["name"]) == (digest, "แผนวิจัย.pdf")
    sql.execute("SELECT body FROM dgatier_audit.event WHERE body LIKE %s", (f"%{one['id']}%",))
    ((body,),) = sql.fetchall()
    assert "แผนวิจัย" not in body
    assert "0 differences" in ckan("dgatier", "rebuild", "--check")


def test_what_cannot_be_attached_is_told_and_leaves_nothing(
    nari: Any, draft: dict[str, Any]
) -> None:
    before = set(_kept())
    for name, content in (
        ("plan.docm", files.docx(files.WITH_MACROS)),
        ("plan.docx", files.docx(files.WITH_MACROS)),
        ("plan.pdf", files.pdf(b"/Encrypt 9 0 R")),
        ("plan.png", files.png() + files.archive({"a": b"a"})),
        ("plan.pdf", files.png()),
        ("plan.exe", b"MZ"),
        ("plan.pdf", b""),
        ("plan.pdf", files.pdf(after=b"\0" * (10 * 1024 * 1024))),
    ):
        with pytest.raises(ValidationError) as refused:
            _attach(nari, draft["id"], name, content)
        assert "upload" in refused.value.error_dict, name
    for nothing in ({}, {"upload": "a text"}):
        with pytest.raises(ValidationError):
            nari.action.dgatier_request_attach(id=draft["id"], **nothing)
    assert set(_kept()) == before
    assert nari.action.dgatier_request_show(id=draft["id"])["attachments"] == []


def test_no_more_files_than_there_may_be_even_at_once(nari: Any, draft: dict[str, Any]) -> None:
    def attach(number: int) -> bool:
        for _try in range(40):
            try:
                _attach(nari, draft["id"], f"{number}.png", files.png())
            except ValidationError as told:
                if "upload" in told.error_dict:
                    return False
            else:
                return True
        raise AssertionError("neither taken nor refused")

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attach, range(7))) == 5
    shown = nari.action.dgatier_request_show(id=draft["id"])["attachments"]
    assert len({one["id"] for one in shown}) == 5
    assert {one["id"] for one in shown} <= set(_kept())


def test_only_its_author_attaches_and_only_while_writing(
    instance: Instance, nari: Any, draft: dict[str, Any]
) -> None:
    with pytest.raises(NotFound):
        _attach(instance.portal("malee"), draft["id"], "a.png", files.png())
    nari.action.dgatier_request_submit(id=draft["id"])
    before = set(_kept())
    for who in ("nari", "suda"):
        with pytest.raises(ValidationError):
            _attach(instance.portal(who), draft["id"], "a.png", files.png())
    assert set(_kept()) == before
    instance.portal("suda").action.dgatier_request_return(id=draft["id"], reason="Your plan?")
    (one,) = _attach(nari, draft["id"], "a.png", files.png())["attachments"]
    with pytest.raises(NotFound):
        nari.action.dgatier_request_detach(id=draft["id"], attachment_id="../../ckan.ini")
    gone = nari.action.dgatier_request_detach(id=draft["id"], attachment_id=one["id"])
    assert gone["attachments"] == []
    assert one["id"] not in _kept()


def test_a_draft_that_is_thrown_away_takes_its_files_along(
    nari: Any, draft: dict[str, Any], sql: Any
) -> None:
    (one,) = _attach(nari, draft["id"], "a.png", files.png())["attachments"]
    nari.action.dgatier_request_withdraw(id=draft["id"])
    assert one["id"] not in _kept()
    sql.execute("SELECT count(*) FROM dgatier_attachment WHERE request_id = %s", (draft["id"],))
    assert sql.fetchone() == (0,)
    (left,) = nari.action.dgatier_request_show(id=draft["id"])["attachments"]
    assert (left["name"], left["sha256"]) == (None, one["sha256"])


def test_who_has_a_role_in_the_request_opens_the_file_and_nobody_else(
    instance: Instance, nari: Any
) -> None:
    made = nari.action.dgatier_request_create(**_TERMS, members=["malee"], submit=False)
    (one,) = _attach(nari, made["id"], "แผน.pdf", files.pdf())["attachments"]
    address = f"{instance.url}{one['url']}"

    def opened(who: str) -> int:
        token = instance.person(who)["api_token"]
        return int(nari.session.get(address, headers={"Authorization": token}).status_code)

    assert [opened(who) for who in ("nari", "malee", "suda", "anan")] == [200, 404, 404, 404]
    nari.action.dgatier_request_submit(id=made["id"])
    people = ("nari", "malee", "suda", "anan", "somchai", "prasit", "admin")
    assert [opened(who) for who in people] == [200, 200, 200, 404, 404, 404, 404]
    (seen,) = instance.portal("anan").action.dgatier_request_show(id=made["id"])["attachments"]
    assert (seen["sha256"], seen["url"]) == (one["sha256"], None)
    assert "/access/sign-in" in nari.session.get(address, allow_redirects=False).headers["Location"]
    answer = nari.session.get(
        address, headers={"Authorization": instance.person("suda")["api_token"]}
    )
    assert answer.content == files.pdf()
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E0%B9%81")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]
    event = _newest(instance, "attachment_sent")
    assert (event["actor"]["name"], event["detail"]["attachment_id"]) == ("suda", one["id"])
    path = _kept()[one["id"]]
    path.write_bytes(files.pdf(after=b"\n"))
    assert opened("suda") == 404
    path.unlink()
    assert opened("suda") == 404
    nari.action.dgatier_request_withdraw(id=made["id"])


def test_what_is_attached_is_in_no_folder_that_is_served(
    instance: Instance, nari: Any, draft: dict[str, Any]
) -> None:
    (one,) = _attach(nari, draft["id"], "a.png", files.png())["attachments"]
    path = _kept()[one["id"]]
    inside = path.relative_to(Settings.load().run / "storage").as_posix()
    for address in (inside, f"storage/{inside}", f"uploads/{inside}", f"../{inside}"):
        answer = nari.session.get(f"{instance.url}/{address}", allow_redirects=False)
        assert answer.status_code != 200, address


def test_the_form_attaches_and_takes_away_without_scripts(instance: Instance, nari: Any) -> None:
    browser = instance.browse("nari")

    def press(page: Any, do: str, *uploads: tuple[str, bytes]) -> Any:
        form: Any = BeautifulSoup(page.text, "html.parser").find("form", {"data-draft-url": True})
        hidden = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
        return browser.post(
            page.url,
            data={**hidden, "tier": "masked", "days": "20", "do": do},
            files=[("upload", one) for one in uploads] or {"upload": ("", b"")},
            timeout=30,
        )

    for left in nari.action.dgatier_request_list(state="draft", limit=200)["results"]:
        nari.action.dgatier_request_withdraw(id=left["id"])
    page = browser.get(f"{instance.url}/th/access/ask/{_DATASET}", timeout=30)
    both = press(page, "attach", ("แผน.pdf", files.pdf()), ("macro.docm", files.docx()))
    assert both.url.endswith("/edit")
    assert "แผน.pdf" in both.text
    assert "macro.docm" in both.text
    (kept,) = nari.action.dgatier_request_list(state="draft")["results"]
    (one,) = nari.action.dgatier_request_show(id=kept["id"])["attachments"]
    gone = press(both, f"detach:{one['id']}")
    assert "แผน.pdf" not in gone.text
    assert press(gone, "detach:nothing").status_code == 404
    nari.action.dgatier_request_withdraw(id=kept["id"])


_PROGRAM = """
import base64, io, json
from ckan import model
from ckan.plugins import toolkit
toolkit.config["ckanext.dgatier.clamav_timeout_s"] = 1
said = []
for address, content in {given}:
    toolkit.config["ckanext.dgatier.clamav"] = address
    upload = io.BytesIO(base64.b64decode(content))
    upload.filename = "plan.pdf"
    context = {{"user": "nari", "auth_user_obj": model.User.get("nari")}}
    asked = {{"id": {request_id!r}, "upload": upload}}
    try:
        toolkit.get_action("dgatier_request_attach")(context, asked)
        said.append([])
    except toolkit.ValidationError as refused:
        said.append(refused.error_dict["upload"])
print("SAID", json.dumps(said))
"""


def _attach_with(request_id: str, *given: tuple[str, bytes]) -> list[list[str]]:
    """Attach files inside CKAN as a portal would that has these scanners; return what it says."""
    packed = [(address, base64.b64encode(content).decode()) for address, content in given]
    program = _PROGRAM.format(given=packed, request_id=request_id)
    lines = ckan("shell", given=f"exec({program!r})\n").splitlines()
    (line,) = [one.partition("SAID ")[2] for one in lines if "SAID " in one]
    return list(json.loads(line))


@pytest.mark.parametrize("real", [False, True])
def test_a_scanner_says_what_is_harmful_and_nothing_of_it_is_kept(
    instance: Instance, nari: Any, draft: dict[str, Any], real: bool
) -> None:
    before = set(_kept())
    infected = files.pdf(b"/Note(" + files.EICAR + b")")
    clean = files.pdf(after=b"\n" * 200_000)
    with scanner() as small:
        address = os.environ.get("DGATIER_CLAMAV", "") if real else small
        if not address:
            pytest.skip("DGATIER_CLAMAV names no clamd that knows the EICAR test string")
        ((said,), nothing) = _attach_with(draft["id"], (address, infected), (address, clean))
    assert "Eicar" in said
    assert nothing == []
    event = _newest(instance, "attachment_refused")
    assert event["detail"]["request_id"] == draft["id"]
    assert "Eicar" in event["detail"]["signature"]
    assert (event["outcome"], event["detail"]["name"]) == ("refused", "plan.pdf")
    (one,) = nari.action.dgatier_request_show(id=draft["id"])["attachments"]
    assert set(_kept()) - before == {one["id"]}
    assert one["size"] == len(clean)


def test_while_no_scanner_says_that_a_file_is_clean_none_is_taken(
    nari: Any, draft: dict[str, Any]
) -> None:
    before = set(_kept())
    with scanner("silent") as silent, scanner("hangs up") as hangs_up, scanner("full") as full:
        addresses = (silent, hangs_up, full, "tcp://127.0.0.1:9", "unix:///nowhere", "nonsense")
        said = _attach_with(draft["id"], *((one, files.pdf()) for one in addresses))
    assert [len(texts) for texts in said] == [1] * len(addresses), said
    assert set(_kept()) == before
    assert nari.action.dgatier_request_show(id=draft["id"])["attachments"] == []


def test_files_that_no_request_names_are_swept_away_once_they_are_old(
    nari: Any, draft: dict[str, Any]
) -> None:
    _attach(nari, draft["id"], "plan.pdf", files.pdf())
    (named,) = nari.action.dgatier_request_show(id=draft["id"])["attachments"]
    kept = _kept()[named["id"]]
    left, under_way = (kept.with_name(kept.name[:2] + digit * 30) for digit in "ef")
    for path, age_s in ((kept, 7_200), (left, 7_200), (under_way, 60)):
        path.write_bytes(kept.read_bytes())
        os.chown(path, kept.stat().st_uid, kept.stat().st_gid)
        moment = time.time() - age_s
        os.utime(path, (moment, moment))
    try:
        run_in_ckan(
            "from datetime import UTC, datetime\n"
            "from ckanext.dgatier.logic import attachments\n"
            "attachments.sweep(datetime.now(UTC))\n"
        )
        assert {kept.exists(), under_way.exists()} == {True}
        assert not left.exists()
    finally:
        under_way.unlink(missing_ok=True)
