"""Work is given to stewards who never signed in, by what the identity provider says of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import outbox
import pytest
from ckanapi import RemoteCKAN, ValidationError
from keycloak import KeycloakAdmin
from outbox import Outbox

from instance import REGISTER, Instance
from mail_server import Mailbox, eventually, free_port, text_of
from stack import health, supervisor
from stack.settings import Settings

NewPerson = Callable[..., str]


@pytest.fixture
def asked(instance: Instance) -> Iterator[str]:
    """Return the id of a request that waits."""
    nari = instance.portal("nari").action
    made = nari.dgatier_request_create(
        id=REGISTER,
        tier="masked",
        purpose="dpv:AcademicResearch",
        justification="A study of how welfare reaches the provinces.",
        days=30,
    )
    yield made["id"]
    nari.dgatier_request_withdraw(id=made["id"])


def _is_here(name: str) -> bool:
    return bool(Outbox().execute('SELECT 1 FROM "user" WHERE name = %s', name))


def _hand_over(instance: Instance, request_id: str, name: str) -> dict[str, Any]:
    return instance.portal("suda").action.dgatier_request_hand_over(id=request_id, to=name)


def test_a_request_is_handed_over_to_a_steward_who_never_signed_in(
    instance: Instance, asked: str, new_person: NewPerson
) -> None:
    name = new_person("official", "steward")
    assert not _is_here(name)
    handed = _hand_over(instance, asked, name)
    assert (handed["state"], handed["assignee"]["name"]) == ("in_review", name)
    assert handed["assignee"]["display_name"] == "กัญญา มาใหม่"
    told = Outbox().execute(
        'SELECT kind, payload FROM dgatier_notice n JOIN "user" u ON u.id = n.user_id'
        " WHERE u.name = %s", name,
    )  # fmt: skip
    assert told == [("request_assigned", {"request_id": asked})]


def test_who_may_not_be_given_it_is_refused_and_not_made_a_user(
    instance: Instance, asked: str, new_person: NewPerson
) -> None:
    for name in (
        new_person("official"),
        new_person("official", "steward", agency="excise"),
        new_person("official", "steward", enabled=False),
        "service-account-dgatier-directory",
        "nobody-at-all",
    ):
        with pytest.raises(ValidationError) as refused:
            _hand_over(instance, asked, name)
        assert "to" in refused.value.error_dict
        assert not _is_here(name), name
    history = instance.portal("suda").action.dgatier_request_show(id=asked)["history"]
    assert [event["type"] for event in history] == ["created", "submitted"]


def test_who_became_a_steward_since_they_were_last_heard_of_is_one(
    instance: Instance, asked: str, new_person: NewPerson, keycloak: KeycloakAdmin
) -> None:
    name = new_person("official")
    suda = instance.portal("suda").action
    suda.dgatier_request_ask_review(id=asked, reviewer=name, reason="What do you think?")
    assert _is_here(name)
    with pytest.raises(ValidationError):
        _hand_over(instance, asked, name)
    account = keycloak.get_user_id(name)
    assert account
    keycloak.assign_realm_roles(account, [keycloak.get_realm_role("steward")])
    time.sleep(3)  # what was heard of a person counts for 2.5 seconds
    assert _hand_over(instance, asked, name)["assignee"]["name"] == name


def test_a_steward_who_never_signed_in_can_stand_in(
    instance: Instance, asked: str, new_person: NewPerson
) -> None:
    name = new_person("official", "steward")
    suda = instance.portal("suda").action
    suda.dgatier_request_claim(id=asked)
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 3600))
    made = suda.dgatier_delegation_create(
        to=name, first_day=today, last_day=today, reason="On leave."
    )
    shown = suda.dgatier_request_show(id=asked)
    assert shown["stand_in"]["deputy"]["name"] == name
    suda.dgatier_delegation_end(id=made["id"])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Return a mail server; the instance's clock, which has none, stands meanwhile."""
    settings = Settings.load()
    supervisor.connect(settings).stopProcess("clock")
    server = Mailbox()
    server.start()
    yield server
    server.stop()
    supervisor.ensure(settings, "clock")
    health.wait(settings, "clock", health.checks(settings, settings.secrets())["clock"], 60)


def test_they_are_told_by_mail(
    instance: Instance, asked: str, new_person: NewPerson, mailbox: Mailbox, tmp_path: Path
) -> None:
    name = new_person("official", "steward")
    settings = {
        "ckanext.dgatier.mail.server": f"127.0.0.1:{mailbox.port}",
        "ckanext.dgatier.mail.starttls": "false",
    }
    ini = outbox.ini(tmp_path, settings)
    Outbox().clear()
    with outbox.portal(ini) as served:
        suda = RemoteCKAN(served.url, apikey=instance.person("suda")["api_token"]).action
        suda.dgatier_request_hand_over(id=asked, to=name)
        with outbox.clock(ini):
            eventually(lambda: len(mailbox.to(f"{name}@example.org")) == 1, 30)
    text = text_of(mailbox.to(f"{name}@example.org")[0])
    assert f"/th/access/request/{asked}" in text
    assert "ถูกส่งต่อมาให้ท่านพิจารณา" in text


def test_while_the_provider_is_silent_those_who_are_known_here_can_be_named(
    instance: Instance, asked: str, tmp_path: Path
) -> None:
    ini = outbox.ini(tmp_path, {})
    silent = f"ckanext.dgatier.directory.url = http://127.0.0.1:{free_port()}"
    pattern = r"(?m)^ckanext\.dgatier\.directory\.url *=.*$"
    text, count = re.subn(pattern, silent, ini.read_text())
    assert count == 1
    ini.write_text(text)
    with outbox.portal(ini) as served:
        suda = RemoteCKAN(f"{served.url}/en", apikey=instance.person("suda")["api_token"]).action
        with pytest.raises(ValidationError) as refused:
            suda.dgatier_request_hand_over(id=asked, to="someone-new")
        assert "cannot be asked now" in refused.value.error_dict["to"][0]
        handed = suda.dgatier_request_hand_over(id=asked, to="wichai")
        assert handed["assignee"]["name"] == "wichai"
