"""What a person may not discover does not exist for them, whichever action they come by.

Every action of CKAN and its plugins is guarded, those that are not known here too: what it is asked
about is looked up before it runs, and what it answers before that goes out. A hidden thing that is
asked about is replaced by one that does not exist, so that the answer is that of such a one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, cast

from ckan import logic
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from ckanext.dgatier import unavailable

from .. import listings, metadata, references
from . import answers, asked, within

#: Answers by the labels of `package_show` or `package_search`, or holds no dataset at all; only its
#: refusals are looked at. The pages of open data are made of these.
HOLDS_ITSELF = {
    "package_show": "asks for the labels of the dataset",
    "package_search": "asks Solr for the labels of the person",
    "resource_show": "asks package_show",
    "resource_view_show": "asks resource_show",
    "resource_view_list": "asks resource_show",
    "datastore_search": "asks resource_show; any text may stand in a cell",
    "datastore_search_sql": "asks resource_show; any text may stand in a cell",
    "datastore_info": "asks resource_show",
    "package_list": "is made of package_search",
    "package_autocomplete": "is made of package_search",
    "resource_search": "looks at the labels of each dataset",
    "group_show": "has its datasets and their number from package_search",
    "organization_show": "has its datasets and their number from package_search",
    "group_list": "holds groups, and numbers by labels",
    "organization_list": "holds agencies, and numbers by labels",
    "organization_list_for_user": "holds agencies; a person's labels are made of it",
    "group_list_authz": "holds groups",
    "user_show": "has its datasets from package_search",
    "license_list": "holds licences",
    "tag_list": "holds what enforce/words lets through",
    "tag_search": "holds what enforce/words lets through",
    "tag_autocomplete": "holds what enforce/words lets through",
    "format_autocomplete": "holds what enforce/words lets through",
    "member_roles_list": "holds roles",
    "status_show": "holds the portal's settings",
    "help_show": "holds documentation",
    "get_site_user": "is for inner work",
}
_OF_PEOPLE = ("user_show", "group_show", "organization_show")


def guarded(name: str, side_effect_free: bool, documentation: str | None) -> Action:
    """Return the chained action that stands before all others of this name."""

    @toolkit.chained_action
    def stands_before(original: Action, context: Context, data_dict: DataDict) -> Any:
        if within.is_inner() or context.get("ignore_auth"):
            return original(context, data_dict)
        with within.inner():
            return _Call(name, original, context, data_dict).answer()

    # CKAN keeps what stands in the dictionary of a chained function, and nothing else of it.
    stands_before.__dict__.update(
        side_effect_free=side_effect_free, auth_audit_exempt=True, __doc__=documentation
    )
    return stands_before


def actions(own: Mapping[str, Action], others: Mapping[str, Action]) -> dict[str, Action]:
    """Return a guard for each action of CKAN and its plugins, before what `own` chains to it.

    What `own` adds and does not chain holds rules of its own.
    """
    found = dict(own)
    for name, action in others.items():
        mine = own.get(name)
        if mine is not None and not getattr(mine, "chained_action", False):
            continue
        guard = guarded(name, bool(getattr(action, "side_effect_free", False)), action.__doc__)
        found[name] = within.before(guard, mine) if mine else guard
    return found


class _Call:
    """One call of an action from outside."""

    def __init__(self, name: str, original: Action, context: Context, data_dict: DataDict) -> None:
        self._name = name
        self._original = original
        self._context = context
        self._before = dict(context)
        self._asked = data_dict

    def answer(self) -> Any:
        """Return what the person may have of the answer; raises what the action raises."""
        if asked.holds_nul(self._asked):
            raise toolkit.ObjectNotFound
        if self._name in HOLDS_ITSELF:
            answer = self._answered()
            for related in answers.relations_in(answer):
                related[:] = self._shown(related)
            self._number_again(answer if self._name in _OF_PEOPLE else None)
            return answer
        hidden = self._hidden_among(asked.texts(self._name, self._asked))
        if hidden:
            return self._as_if_missing(hidden)
        return self._shown(self._answered())

    def _answered(self) -> Any:
        """Return the answer; a refusal about something hidden becomes that of nothing there."""
        try:
            return self._original(self._context, self._asked)
        except (toolkit.NotAuthorized, toolkit.ObjectNotFound) as refusal:
            if unavailable.was_met():
                raise
            texts = asked.texts(self._name, self._asked) | asked.own_name(self._asked)
            hidden = self._hidden_among(texts)
            if hidden:
                return self._as_if_missing(hidden)
            if isinstance(refusal, toolkit.ObjectNotFound) and self._name in HOLDS_ITSELF:
                # What is not there takes as long as what is hidden.
                with suppress(logic.ActionError):
                    self._as_if_missing(texts)
            raise

    def _shown(self, answer: Any) -> Any:
        mentioned = references.datasets_of(references.ids_in(answer), names=False)
        left = answers.without(answer, asked.hidden_of(self._before, mentioned))
        metadata.strip_answer(cast(Context, self._before), left)
        self._number_again(left)
        return left

    def _number_again(self, answer: Any) -> None:
        """Say of each account how many datasets it has made, of those that this person may see."""
        for account in answers.accounts_in(answer):
            account[answers.CREATED] = listings.made_by(self._before).get(account["id"], 0)

    def _hidden_among(self, texts: Collection[str]) -> set[str]:
        return asked.hidden_among(self._before, texts)

    def _as_if_missing(self, hidden: Collection[str]) -> Any:
        answer = asked.as_if_missing(self._original, self._before, self._asked, hidden)
        if answer is None:
            # A change that says nothing: CKAN would write down that the hidden dataset was changed.
            raise toolkit.ObjectNotFound("package")
        return answer
