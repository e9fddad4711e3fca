"""CKAN edits nothing that the identity provider owns, whoever asks for it; the rest it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckanapi import NotAuthorized, RemoteCKAN

from instance import Instance, ckan

Act = Callable[[RemoteCKAN], Any]

REFUSED: dict[str, Act] = {
    "a name": lambda ckan: ckan.action.user_patch(id="malee", fullname="Someone Else"),
    "an address": lambda ckan: ckan.action.user_patch(id="malee", email="other@example.org"),
    "a password": lambda ckan: ckan.action.user_patch(id="malee", password="a-long-password"),
    "a user name": lambda ckan: ckan.action.user_patch(id="malee", name="malee2"),
    "an end": lambda ckan: ckan.action.user_patch(id="malee", state="deleted"),
    "the whole": lambda ckan: ckan.action.user_update(
        id="malee", name="malee", email="other@example.org"
    ),
    "the rights of a sysadmin": lambda ckan: ckan.action.user_patch(id="malee", sysadmin=True),
    "a deletion": lambda ckan: ckan.action.user_delete(id="malee"),
    "joining an agency": lambda ckan: ckan.action.organization_member_create(
        id="fpo", username="malee", role="editor"
    ),
    "joining by the general way": lambda ckan: ckan.action.member_create(
        id="fpo", object="malee", object_type="user", capacity="editor"
    ),
    "leaving an agency": lambda ckan: ckan.action.organization_member_delete(
        id="fpo", username="suda"
    ),
    "leaving by the general way": lambda ckan: ckan.action.member_delete(
        id="fpo", object="suda", object_type="user"
    ),
    "an agency's list of users": lambda ckan: ckan.action.organization_patch(
        id="fpo", users=[{"name": "malee", "capacity": "admin"}]
    ),
}


def _as_it_is(instance: Instance) -> tuple[Any, Any]:
    admin = instance.portal("admin").action
    malee = admin.user_show(id="malee")
    members = admin.member_list(id="fpo", object_type="user")
    kept = ("name", "fullname", "email", "state", "sysadmin")
    return {name: malee[name] for name in kept}, sorted(map(tuple, members))


@pytest.mark.parametrize("what", REFUSED)
def test_what_keycloak_owns_is_refused_to_a_sysadmin(instance: Instance, what: str) -> None:
    before = _as_it_is(instance)
    with pytest.raises(NotAuthorized) as refused:
        REFUSED[what](instance.portal("admin"))
    assert "ผู้ให้บริการยืนยันตัวตน" in str(refused.value) or "identity provider" in str(refused.value)
    assert _as_it_is(instance) == before


def test_people_do_not_rename_themselves_on_the_page_either(instance: Instance) -> None:
    session = instance.browse("malee", aal=1)
    page = session.get(f"{instance.url}/en/user/edit/malee", timeout=30)
    form: Any = BeautifulSoup(page.text, "html.parser").select_one("form#user-edit-form")
    fields = {
        one["name"]: one.get("value", "") for one in form.select("input[name]")
        if one.get("type") not in ("file", "checkbox")
    }  # fmt: skip
    answer = session.post(
        f"{instance.url}/en/user/edit/malee",
        data={**fields, "fullname": "Someone Else", "save": ""},
        headers={"Referer": page.url},
        timeout=30,
    )
    assert answer.status_code == 403
    assert instance.portal("admin").action.user_show(id="malee")["fullname"] == "มาลี ค้าขาย"


def test_what_is_ckans_can_be_changed(instance: Instance) -> None:
    malee = instance.portal("malee").action
    malee.user_patch(id="malee", about="I buy rice.")
    assert malee.user_show(id="malee")["about"] == "I buy rice."
    malee.user_patch(id="malee", about="")
    admin = instance.portal("admin").action
    before = admin.organization_show(id="fpo", include_users=True)
    admin.organization_patch(id="fpo", description="Another description")
    after = admin.organization_patch(id="fpo", description=before["description"])
    assert {one["name"] for one in after["users"]} == {one["name"] for one in before["users"]}


def test_groups_are_ckans(instance: Instance) -> None:
    admin = instance.portal("admin").action
    made = admin.group_create(name="readers-of-a-test")
    try:
        admin.group_member_create(id=made["id"], username="malee", role="member")
        members = admin.member_list(id=made["id"], object_type="user")
        malee = admin.user_show(id="malee")["id"]
        assert malee in {one[0] for one in members}
    finally:
        admin.group_purge(id=made["id"])


def test_accounts_of_ckans_own_are_ckans(instance: Instance) -> None:
    admin = instance.portal("admin").action
    admin.user_patch(id="demo-publisher", fullname="Demonstration publisher")
    admin.organization_member_create(id="fpo", username="demo-publisher", role="editor")


def test_the_demonstrations_agencies_are_made_on_the_command_line(instance: Instance) -> None:
    ckan("dgatier", "demo-agencies", '{"fpo": ["", ""]}')
