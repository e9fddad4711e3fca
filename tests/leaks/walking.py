"""Asks many questions as one person, and finds the words in the answers that were not for them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests
import world
from paths import Probe
from world import May, Target

from instance import Instance

_THREADS = 4
_WORD = re.compile(r"[a-z]{2}\d+zq[0-9a-f]+", re.IGNORECASE)
_SERVER_ERROR = 500
#: Where CKAN or its loader breaks off, for everyone alike: `(method, path)`, and why.
_BREAKS_IN_CKAN = {
    r"(GET|HEAD) /dataset/[^/]+/resources/[^/]+/history/": "expects a dataset in every activity",
    r"POST /dataset/[^/]+/resource/(new|[^/]+/edit)": "expects a field `save`",
    r"POST /api/3/action/datastore_run_triggers": "looks for `resource_id` and is given `id`",
    r"(GET|POST) /api/3/action/xloader_status": "describes its tables in its first call, not twice",
    r"POST /api/3/action/package_collaborator_list": "asserts that somebody is signed in",
}


@dataclass(frozen=True, order=True)
class Leak:
    """A word that came out where it should not have."""

    person: str
    level: str
    tells_of: str
    path: str
    where: str

    def __str__(self) -> str:
        return f"{self.person}: {self.tells_of} of {self.level} in the {self.where} of {self.path}"


class Walk:
    """What one person may know of all targets, and what came out."""

    def __init__(
        self,
        instance: Instance,
        person: str | None,
        targets: Mapping[str, Target],
        known_from: Instance | None = None,
    ) -> None:
        """Ask `instance`; what the person may have is asked of `known_from`, if that is another."""
        self._instance = instance
        self._person = person
        self._local = threading.local()
        portal = (known_from or instance).portal(person)
        self.may: dict[str, May] = {
            kind: world.may(portal, target) for kind, target in targets.items()
        }
        self._forbidden: dict[str, tuple[str, str]] = {
            word.lower(): (kind, tells_of)
            for kind, target in targets.items()
            for word, tells_of in target.words.items()
            if not self.may[kind].know(target, tells_of)
        }
        self.asked = 0
        self.failed: set[str] = set()

    def leaks(self, probes: Iterable[Probe]) -> set[Leak]:
        """Ask everything; return what came out."""
        mine = [one for one in probes if not (one.changes and self.may[str(one.kind)].discovers)]
        self.asked += len(mine)
        with ThreadPoolExecutor(_THREADS) as pool:
            return {leak for leaks in pool.map(self._leaks_of, mine) for leak in leaks}

    def _leaks_of(self, probe: Probe) -> list[Leak]:
        answer = self.ask(probe)
        asked = f"{probe.method} {probe.path}"
        of_ckan = any(re.match(known, asked) for known in _BREAKS_IN_CKAN)
        if answer.status_code >= _SERVER_ERROR and not of_ckan:
            self.failed.add(f"{self._person} {probe.method} {probe.asked}: {answer.status_code}")
        places = {
            "body": answer.text,
            "headers": str(answer.headers),
        }
        found = []
        for where, text in places.items():
            for word in {one.lower() for one in _WORD.findall(text)}:
                if word in self._forbidden and word not in probe.asked.lower():
                    kind, tells_of = self._forbidden[word]
                    path = f"{probe.method} {probe.asked}"
                    found.append(Leak(self._person or "anyone", kind, tells_of, path, where))
        return found

    def ask(self, probe: Probe) -> requests.Response:
        """Return the answer, with what came of its body as text; nothing is followed."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            if self._person:
                token = self._instance.person(self._person)["api_token"]
                self._local.session.headers["Authorization"] = token
        is_api = probe.path.startswith("/api/")
        answer: requests.Response = self._local.session.request(
            probe.method, f"{self._instance.url}{probe.path}", headers=dict(probe.headers),
            json=probe.body if is_api else None, data=None if is_api else probe.body,
            allow_redirects=False, timeout=120,
        )  # fmt: skip
        return answer
