"""One row a known leak: what someone may not discover does not exist for them there either."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import world
from world import Target

from instance import Instance

Arguments = dict[str, Any]
HIDDEN = ("secret", "private", "draft", "reclassified", "deleted")


def _ask(
    instance: Instance, person: str | None, action: str, arguments: Arguments
) -> requests.Response:
    headers = {"Authorization": instance.person(person)["api_token"]} if person else {}
    return requests.post(
        f"{instance.url}/api/3/action/{action}", json=arguments, headers=headers, timeout=60
    )


def _told(answer: requests.Response, target: Target) -> list[str]:
    """Return what of a target is in an answer: its words, and ids that were not asked for."""
    asked = json.dumps(json.loads(answer.request.body or b"{}"))
    secrets = [*target.words, target.id, *target.resources, *target.views, *target.activities]
    return [one for one in secrets if one in answer.text and one not in asked]


#: Each action whose answer told of hidden datasets, with what it is asked.
_LISTS: dict[str, Arguments] = {
    "package_list": {},
    "current_package_list_with_resources": {"limit": 1000},
    "package_search": {"include_private": True, "include_drafts": True, "rows": 1000},
    "tag_list": {},
    "tag_list all": {"all_fields": True},
    "tag_search": {"query": "zq"},
    "tag_autocomplete": {"query": "zq"},
    "format_autocomplete": {"q": "zq", "limit": 1000},
    "package_autocomplete": {"q": "zq", "limit": 1000},
    "member_list": {"id": "fpo"},
    "member_list packages": {"id": "fpo", "object_type": "package"},
    "organization_show": {"id": "fpo", "include_datasets": True},
    "user_show": {"id": "suda", "include_datasets": True},
    "resource_search": {"query": "name:zq"},
    "resource_search by address": {"query": "url:zq"},
    "datastore_search": {"resource_id": "_table_metadata", "limit": 32000},
    "recently_changed_packages_activity_list": {"limit": 100},
    "organization_activity_list": {"id": "fpo", "limit": 100},
    "user_activity_list": {"id": "suda", "limit": 100},
    "dashboard_activity_list": {"limit": 100},
    "followee_list": {"id": "suda"},
    "dataset_followee_list": {"id": "suda"},
}


@pytest.mark.parametrize("person", [None, "somchai", "prasit", "admin"])
@pytest.mark.parametrize("leak", _LISTS)
def test_no_list_tells_of_what_is_hidden(
    instance: Instance, targets: dict[str, Target], leak: str, person: str | None
) -> None:
    action, *_ = leak.split()
    answer = _ask(instance, person, action, _LISTS[leak])
    assert answer.status_code in (200, 403, 404), answer.text[:300]
    told = {kind: _told(answer, targets[kind]) for kind in HIDDEN}
    assert not {kind: words for kind, words in told.items() if words}


@pytest.mark.parametrize("leak", ["package_list", "tag_list", "resource_search", "member_list"])
def test_a_list_still_tells_those_who_may_know(
    instance: Instance, targets: dict[str, Target], leak: str
) -> None:
    answer = _ask(instance, "suda", leak, _LISTS[leak])
    assert _told(answer, targets["secret"])
    assert _told(_ask(instance, None, leak, _LISTS[leak]), targets["open"])


def _about(target: Target) -> dict[str, Arguments]:
    """Return each action that tells whether something exists, with what it is asked."""
    return {
        "package_show": {"id": target.name},
        "package_show by id": {"id": target.id},
        "package_update": {"id": target.id, "title": "x"},
        "package_update by name": {"name": target.name, "title": "x"},
        "package_patch": {"id": target.name},
        "package_delete": {"id": target.id},
        "dataset_purge": {"id": target.id},
        "package_owner_org_update": {"id": target.id, "organization_id": "fpo"},
        "package_collaborator_list": {"id": target.id},
        "package_relationships_list": {"id": target.id},
        "package_relationship_create": {
            "subject": target.id, "object": "provinces", "type": "depends_on"
        },
        "package_activity_list": {"id": target.id},
        "package_resource_reorder": {"id": target.id, "order": []},
        "bulk_update_private": {"datasets": [target.id], "org_id": "fpo"},
        "follow_dataset": {"id": target.id},
        "am_following_dataset": {"id": target.id},
        "dataset_follower_count": {"id": target.id},
        "dataset_follower_list": {"id": target.id},
        "resource_show": {"id": target.table},
        "resource_create": {"package_id": target.id, "url": "https://example.org"},
        "resource_patch": {"id": target.table},
        "resource_delete": {"id": target.table},
        "resource_view_list": {"id": target.table},
        "resource_view_show": {"id": target.views[0]},
        "resource_view_create": {"resource_id": target.table, "view_type": "text_view"},
        "resource_view_delete": {"id": target.views[0]},
        "task_status_show": {"entity_id": target.table, "task_type": "xloader", "key": "xloader"},
        "xloader_status": {"resource_id": target.table},
        "xloader_submit": {"resource_id": target.table},
        "datastore_search": {"resource_id": target.table},
        "datastore_info": {"id": target.table},
        "datastore_upsert": {"resource_id": target.table, "records": []},
        "datastore_delete": {"resource_id": target.table},
        "datastore_create": {"resource_id": target.table},
        "activity_show": {"id": target.activities[0], "include_data": False},
        "activity_data_show": {"id": target.activities[0]},
        "activity_diff": {"id": target.activities[0], "object_type": "package"},
        "member_create": {
            "id": "fpo", "object": target.id, "object_type": "package", "capacity": "public"
        },
        "dgatier_access_show": {"id": target.id},
        "dgatier_view_search": {"resource_id": target.table},
        "dgatier_request_create": {"id": target.id, "tier": "summary", "days": 1},
        "dgatier_level_show": {"id": target.id},
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["secret", "draft"])
@pytest.mark.parametrize("person", [None, "prasit", "admin"])
def test_what_is_hidden_is_answered_as_what_does_not_exist(
    instance: Instance, targets: dict[str, Target], person: str | None, kind: str
) -> None:
    hidden, missing = targets[kind], world.missing(targets[kind])
    differing = {}
    for leak, arguments in _about(hidden).items():
        action, *_ = leak.split()
        there = _ask(instance, person, action, arguments)
        none = _ask(instance, person, action, _about(missing)[leak])
        told = world.neutral(there.text, hidden), world.neutral(none.text, missing)
        if (there.status_code, told[0]) != (none.status_code, told[1]):
            differing[leak] = (there.status_code, none.status_code, *(one[-200:] for one in told))
    assert not differing


@pytest.mark.parametrize("action", ["package_show", "resource_show", "datastore_search"])
def test_nothing_has_an_id_with_a_nul(instance: Instance, action: str) -> None:
    key = "resource_id" if action == "datastore_search" else "id"
    assert _ask(instance, None, action, {key: "a\0b"}).status_code == 404


def test_numbers_leave_out_what_is_hidden(instance: Instance, targets: dict[str, Target]) -> None:
    def numbers(person: str | None) -> tuple[int, int]:
        shown = _ask(instance, person, "organization_show", {"id": "fpo"}).json()["result"]
        listed = _ask(instance, person, "organization_list", {"all_fields": True}).json()["result"]
        return shown["package_count"], next(
            one["package_count"] for one in listed if one["name"] == "fpo"
        )

    assert numbers("admin") == numbers(None)
    assert numbers("suda")[1] > numbers(None)[1]


def test_the_past_of_a_dataset_is_for_those_who_may_discover_it_now(
    instance: Instance, targets: dict[str, Target]
) -> None:
    past = {"id": targets["reclassified"].activities[-1], "include_data": False}
    assert _ask(instance, "suda", "activity_show", past).status_code == 200
    assert _ask(instance, "prasit", "activity_show", past).status_code == 404


def test_an_answer_to_a_script_of_another_site_is_that_of_nobody(
    instance: Instance, targets: dict[str, Target]
) -> None:
    headers = {"Authorization": instance.person("suda")["api_token"]}
    for action, asked in (
        ("package_show", {"id": targets["secret"].id}),
        ("dgatier_access_show", {"id": targets["secret"].id}),
        ("dgatier_view_search", {"resource_id": targets["secret"].table}),
        ("datastore_search", {"resource_id": targets["internal"].table}),
    ):
        answer = requests.get(
            f"{instance.url}/api/3/action/{action}",
            params={**asked, "callback": "show"}, headers=headers, timeout=60,
        )  # fmt: skip
        assert '"success": false' in answer.text, (action, answer.text[:200])


def test_no_field_of_the_index_gives_more_than_the_dataset(
    instance: Instance, targets: dict[str, Target]
) -> None:
    target = targets["confidential"]
    address = next(one for one, of in target.words.items() if of == world.ADDRESS)
    searches: list[Arguments] = [
        {"fl": ["id", "res_url", "data_dict", "validated_data_dict"]},
        {"fl": "id,validated_data_dict"},
        {"fl": "*"},
        {"fl": ["id", "x:validated_data_dict"]},
        {"fl": ["*_url", "[explain]"]},
        {"facet.field": ["res_url", "permission_labels"]},
        {"use_default_schema": True},
        {"q": f"text:{address}"},
        {"fq": f"urls:{address}"},
        {"q": f"res_url:*{address}*"},
        {"fq": f"res_url:*{address}*"},
    ]
    for asked in searches:
        answer = _ask(instance, "somchai", "package_search", {"fq": f"id:{target.id}", **asked})
        assert address not in answer.text.replace(f"*{address}*", ""), asked
        if address in json.dumps(asked):
            assert answer.json()["result"]["count"] == 0, asked


@pytest.mark.parametrize("person", [None, "admin"])
def test_facets_that_count_nothing_tell_no_word_of_what_is_hidden(
    instance: Instance, targets: dict[str, Target], person: str | None
) -> None:
    asked = {
        "rows": 0, "facet.limit": -1, "facet.mincount": 0,
        "facet.field": ["tags", "name", "title_string", "res_format", "text"],
    }  # fmt: skip
    answer = _ask(instance, person, "package_search", asked)
    assert _told(answer, targets["open"])
    told = {kind: _told(answer, targets[kind]) for kind in HIDDEN}
    assert not {kind: words for kind, words in told.items() if words}


def _computing(word: str) -> dict[str, Arguments]:
    """Return searches that would order what they find by whether any dataset has a tag."""
    newest_if_there = f"product(docfreq(tags,'{word}'),ms(metadata_modified))"
    by_score = {"rows": 50, "sort": "score desc, name asc"}
    return {
        "sort": {"rows": 50, "sort": f"{newest_if_there} desc, name asc"},
        "bf": {**by_score, "q": "*:*", "defType": "edismax", "bf": newest_if_there},
        "boost": {**by_score, "q": "*:*", "defType": "edismax", "boost": newest_if_there},
        "local parameters": {**by_score, "q": "{!func}" + newest_if_there},
        "magic field": {**by_score, "q": f'_val_:"{newest_if_there}"'},
    }


@pytest.mark.parametrize("person", [None, "admin"])
@pytest.mark.parametrize("way", _computing(""))
def test_no_order_depends_on_what_is_hidden(
    instance: Instance, targets: dict[str, Target], way: str, person: str | None
) -> None:
    hidden, missing = targets["secret"], world.missing(targets["secret"])
    there = _ask(instance, person, "package_search", _computing(hidden.tag)[way])
    none = _ask(instance, person, "package_search", _computing(missing.tag)[way])
    assert there.status_code == none.status_code < 500
    assert world.neutral(there.text, hidden) == world.neutral(none.text, missing)


def test_no_search_is_a_function(instance: Instance, targets: dict[str, Target]) -> None:
    words = {"q": "ord(name)", "rows": 1000, "fl": ["id"]}
    as_function = _ask(instance, None, "package_search", {**words, "defType": "func"})
    assert as_function.json() == _ask(instance, None, "package_search", words).json()


def test_nobody_gets_the_score_which_tells_how_many_datasets_hold_a_word(
    instance: Instance, targets: dict[str, Target]
) -> None:
    target = targets["open"]
    asked = {"q": target.tag, "fq": f"id:{target.id}", "fl": ["id", "score"]}
    (found,) = _ask(instance, None, "package_search", asked).json()["result"]["results"]
    assert found == {"id": target.id}
