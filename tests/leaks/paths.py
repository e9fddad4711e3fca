"""How each action and each route is asked about a target; whatever is not here is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from world import Target

Arguments = dict[str, Any]


class UnknownPath(Exception):
    """An action or a route that this gate does not know how to ask."""


@dataclass(frozen=True)
class Probe:
    """One question; `kind` is that of the target that it is about, `None` where it is about none.

    `changes` says that it would change the target of someone who may.
    """

    path: str
    method: str = "GET"
    body: Arguments | None = None
    kind: str | None = None
    changes: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.path, self.method, str(self.body), self.kind, str(self.headers)))

    @property
    def asked(self) -> str:
        return f"{self.path} {self.body}"


def _dataset(target: Target) -> list[Arguments]:
    return [{"id": target.name}, {"id": target.id}]


def _resource(target: Target) -> list[Arguments]:
    return [{"id": one} for one in target.resources]


def _table(target: Target) -> list[Arguments]:
    return [{"resource_id": target.table}, {"id": target.table}]


def _sql(target: Target) -> list[Arguments]:
    return [
        {"sql": f'SELECT {what} FROM "{one}"'}
        for one in target.resources
        for what in ("*", "count(*)")
    ]


def _previews(target: Target) -> list[Arguments]:
    how = ({}, {"tier": "full"}, {"person": "suda"})
    return [{"resource_id": target.table, **one} for one in how]


def _counts(target: Target) -> list[Arguments]:
    return [{"resource_id": target.table, "by": ["province"]}]


def _view(target: Target) -> list[Arguments]:
    return [{"id": one} for one in target.views]


def _activity(target: Target) -> list[Arguments]:
    return [
        {"id": one, "object_type": "package", "include_data": True} for one in target.activities
    ]


def _search(target: Target) -> list[Arguments]:
    return [
        {"q": target.name}, {"fq": f"id:{target.id}"}, {"fq": f"+state:* +id:{target.id}"},
        {
            "fq": f'tags:"{target.tag}"', "include_private": True, "include_drafts": True,
            "include_deleted": True, "use_default_schema": True, "ignore_auth": True,
            "facet.field": ["tags", "res_format", "creator_user_id", "permission_labels"],
        },
        {"fq": f"id:{target.id}", "fl": ["*"]}, {"fl": "id,validated_data_dict,res_url"},
        {"q": "{!lucene}" + target.name}, {"q": "*:*", "sort": "name asc", "rows": 1000},
        {"facet.mincount": 0, "facet.limit": -1, "facet.field": ["tags", "name", "res_format"]},
        {"q": f"_query_:\"{{!term f=id}}{target.id}\""},
    ]  # fmt: skip


def _task(target: Target) -> list[Arguments]:
    return [
        {"entity_id": one, "task_type": "xloader", "key": "xloader"} for one in target.resources
    ]


#: Questions about a target, without side effects.
_ABOUT: dict[Callable[[Target], list[Arguments]], str] = {
    _dataset: """package_show package_activity_list package_collaborator_list
        package_relationships_list am_following_dataset dataset_follower_count
        dataset_follower_list dgatier_access_show dgatier_level_show dgatier_request_requirements
        dgatier_audit_list dgatier_grant_list dgatier_request_list dgatier_reading_list""",
    _resource: "resource_show resource_view_list",
    _table: """datastore_search datastore_info dgatier_view_search dgatier_column_suggestions
        xloader_status""",
    _sql: "datastore_search_sql",
    _counts: "dgatier_summary",
    _previews: "dgatier_view_preview",
    _view: "resource_view_show",
    _activity: "activity_show activity_data_show activity_diff",
    _search: "package_search",
    _task: "task_status_show",
    lambda target: [{"query": f"name:{target.kind[:2]}"}, {"query": "url:zq"}]: "resource_search",
    lambda target: [{"q": target.name[:5], "limit": 100}]: """package_autocomplete
        format_autocomplete""",
    lambda target: [{"query": target.tag[:5]}]: "tag_search tag_autocomplete",
    lambda target: [{"id": target.tag, "include_datasets": True}]: "tag_show",
    lambda target: [{"id": one} for one in target.resources]: "file_show",
    lambda target: [
        {"owner_type": "resource", "owner_id": one} for one in target.resources
    ]: "file_owner_scan",
    lambda target: [{"term": target.name}, {"terms": [target.name]}]: "term_translation_show",
    lambda target: [{"id": target.id, "level": "open", "as": "public"}]: "dgatier_policy_simulate",
}
_FPO, _SUDA = {"id": "fpo", "limit": 100}, {"id": "suda", "limit": 100}
#: Lists that are about no one target, which come to speak of some.
_LISTS: dict[str, list[Arguments]] = {
    """package_list recently_changed_packages_activity_list dashboard_activity_list
        dashboard_new_activities_count current_package_list_with_resources user_list job_list
        group_list_authz organization_list_for_user vocabulary_list license_list status_show
        scheming_dataset_schema_list config_option_list api_token_list member_roles_list
        dgatier_audit_verify dgatier_delegation_list dgatier_level_list dgatier_notice_list
        dgatier_numbers_show dgatier_webhook_list get_site_user""": [{}],
    "tag_list group_list organization_list": [{}, {"all_fields": True, "include_users": True}],
    """organization_show group_show""": [
        {"id": "fpo", "include_datasets": True, "include_users": True}
    ],
    """organization_activity_list group_activity_list group_package_show organization_follower_list
        organization_follower_count group_follower_list group_follower_count""": [_FPO],
    "member_list": [_FPO, {"id": "fpo", "object_type": "package"}],
    "user_show": [{"id": "suda", "include_datasets": True}],
    """user_activity_list followee_list followee_count dataset_followee_list dataset_followee_count
        group_followee_list group_followee_count organization_followee_list
        organization_followee_count user_followee_list user_followee_count user_follower_list
        user_follower_count package_collaborator_list_for_user am_following_group
        am_following_user""": [_SUDA],
    "group_autocomplete organization_autocomplete user_autocomplete": [{"q": "a"}],
    """vocabulary_show job_show config_option_show help_show scheming_dataset_schema_show
        dgatier_audit_receipt dgatier_grant_show dgatier_request_show""": [{"id": "none"}],
    "dgatier_copy_show": [{"decision_id": "none"}],
}
#: Changes of a target, which are asked for where the person may not discover it.
_CHANGES: dict[Callable[[Target], list[Arguments]], str] = {
    _dataset: """package_update package_patch package_delete package_revise dataset_purge
        package_owner_org_update package_collaborator_create package_collaborator_delete
        package_resource_reorder package_create_default_resource_views follow_dataset
        unfollow_dataset dgatier_request_create dgatier_level_propose dgatier_level_decide
        dgatier_level_withdraw dgatier_level_review dgatier_request_save""",
    _resource: """resource_update resource_patch resource_delete resource_view_reorder
        resource_create_default_resource_views""",
    _table: """datastore_create datastore_upsert datastore_delete datastore_records_delete
        datastore_run_triggers xloader_submit resource_view_create""",
    _view: "resource_view_update resource_view_delete",
    lambda target: [{"package_id": target.id}]: "resource_create",
    lambda target: [
        {"subject": target.id, "object": target.name, "type": "depends_on"}
    ]: "package_relationship_create package_relationship_update package_relationship_delete",
    lambda target: [
        {"datasets": [target.id], "org_id": "fpo"}
    ]: "bulk_update_private bulk_update_public bulk_update_delete",
    lambda target: [
        {"id": "fpo", "object": target.id, "object_type": "package", "capacity": "public"}
    ]: "member_create member_delete",
    lambda target: [{"owner_type": "resource", "owner_id": target.file, "id": target.file}]: """
        file_ownership_transfer file_delete file_pin file_unpin file_rename""",
}
#: What changes something else, and is not about datasets at all.
_ELSEWHERE = """activity_create activity_delete activity_delete_all activity_delete_counts
    api_token_create api_token_revoke config_option_update dashboard_mark_activities_old
    datastore_function_create datastore_function_delete dgatier_delegation_create
    dgatier_delegation_end dgatier_grant_accept dgatier_grant_renew dgatier_grant_revoke
    dgatier_notice_mark_read dgatier_request_accept dgatier_request_appeal
    dgatier_request_ask_review dgatier_request_attach dgatier_request_claim dgatier_request_close
    dgatier_request_decide dgatier_request_decline dgatier_request_detach
    dgatier_request_hand_over dgatier_request_release dgatier_request_remark
    dgatier_request_return dgatier_request_review dgatier_request_submit dgatier_request_update
    dgatier_request_withdraw dgatier_webhook_create dgatier_webhook_delete file_create
    file_register follow_group follow_user group_create group_delete group_member_create
    group_member_delete group_patch group_purge group_update job_cancel job_clear
    organization_create organization_delete organization_member_create organization_member_delete
    organization_patch organization_purge organization_update package_create resource_view_clear
    send_email_notifications tag_create tag_delete task_status_delete task_status_update
    task_status_update_many term_translation_update term_translation_update_many unfollow_group
    unfollow_user user_create user_delete user_invite user_patch user_update vocabulary_create
    vocabulary_delete vocabulary_update xloader_hook"""


def of_actions(actions: Iterable[str], targets: Iterable[Target]) -> Iterator[Probe]:
    """Yield a probe for each way to ask each action; raises `UnknownPath` for those not known."""
    about, changes = _by_name(_ABOUT), _by_name(_CHANGES)
    lists = {name: asked for names, asked in _LISTS.items() for name in names.split()}
    for name in sorted(actions):
        path = f"/api/3/action/{name}"
        if name in lists:
            yield from (Probe(path, "POST", asked) for asked in lists[name])
        elif name in about or name in changes:
            make = about.get(name) or changes[name]
            for target in targets:
                for asked in make(target):
                    yield Probe(path, "POST", asked, target.kind, name in changes)
        elif name not in _ELSEWHERE.split():
            raise UnknownPath(f"action {name}")


def _by_name(
    table: Mapping[Callable[[Target], list[Arguments]], str],
) -> dict[str, Callable[[Target], list[Arguments]]]:
    return {name: make for make, names in table.items() for name in names.split()}


def of_gets(actions: Mapping[str, bool], targets: Iterable[Target]) -> Iterator[Probe]:
    """Yield the same questions by GET, and as a script for another site."""
    for probe in of_actions([name for name, free in actions.items() if free], targets):
        flat = {key: one for key, one in (probe.body or {}).items() if isinstance(one, str | int)}
        query = "&".join(f"{key}={quote(str(one))}" for key, one in flat.items())
        yield Probe(f"{probe.path}?{query}", kind=probe.kind)
        yield Probe(f"{probe.path}?{query}&callback=show", kind=probe.kind)


_DATASET_RULES = re.compile(
    r"/(dataset|access/ask|access/terms|steward/level|steward/outlook|feeds/custom)\b"
)
#: What stands in a rule where it is about no target.
_FIXED = {
    "lang": "th", "ver": "3", "filename": "none.txt", "form": "csv", "token": "none",
    "path": "none", "storage_name": "none", "location": "none", "attachment_id": "none",
    "logic_function": "status_show", "decision_id": "none",
}  # fmt: skip
_OF_NO_DATASET = re.compile(r"/(user|access/request|file)/")
_OF_AGENCIES = re.compile(r"/(group|organization|feeds/group|feeds/organization)/")
#: POSTs that change nothing.
_ONLY_READ = ("datatablesview.ajax", "datatablesview.filtered_download")


def of_routes(rules: Iterable[list[Any]], targets: Iterable[Target]) -> Iterator[Probe]:
    """Yield a probe for each way to ask each route; raises `UnknownPath` for those not known."""
    for endpoint, rule, methods, arguments in rules:
        if endpoint == "api.action":
            continue
        about_target = bool(
            {"resource_id", "resource_view_id", "view_id", "activity_id"} & set(arguments)
            or ("id" in arguments and _DATASET_RULES.match(rule))
            or rule.startswith("/feeds/tag/")
        )
        for target in targets if about_target else [None]:
            for path in _filled(rule, arguments, target):
                yield from _asked(endpoint, path, methods, target)


def _asked(endpoint: str, path: str, methods: list[str], target: Target | None) -> Iterator[Probe]:
    kind = target.kind if target else None
    if "GET" in methods and endpoint not in ("user.logout", "dgatier_session.sign_out"):
        yield Probe(path, kind=kind)
        if target:
            yield Probe(path, "HEAD", kind=kind)
            yield Probe(path, kind=kind, headers={"Range": "bytes=0-99"})
    if "POST" in methods and target:
        only_read = endpoint in _ONLY_READ
        body: Arguments = {"draw": 1, "length": 100, "start": 0} if only_read else {}
        yield Probe(path, "POST", body, kind, not only_read)


def _filled(rule: str, arguments: list[str], target: Target | None) -> Iterator[str]:
    """Yield the addresses of a rule with ids in their places."""
    known: dict[str, list[str]] = {name: [text] for name, text in _FIXED.items()}
    if target is None:
        if _OF_AGENCIES.match(rule):
            known["id"] = ["fpo"]
        elif _OF_NO_DATASET.match(rule):
            known["id"] = ["suda"]
    else:
        known |= {
            "id": [target.tag] if rule.startswith("/feeds/tag/") else [target.name, target.id],
            "resource_id": target.resources,
            "resource_view_id": target.views, "view_id": target.views[:1],
            "activity_id": target.activities,
        }  # fmt: skip
    if missing := [name for name in arguments if name not in known]:
        raise UnknownPath(f"{missing} of {rule}")
    longest = max([len(known[name]) for name in arguments], default=1)
    for number in range(longest):
        path = rule
        for name in arguments:
            one = known[name][number % len(known[name])]
            path = re.sub(rf"<(?:[^<>:]+(?:\(.*?\))?:)?{name}>", quote(one), path)
        yield path
