"""`pages_probe.py INI TOKEN PATH…` prints what each costs: `{path: {opa, solr, keycloak, sql}}`.

The portal's own application in this process, on the real parts. Each path is asked for three times,
and the least of the last two is counted: what a worker keeps is there by then, and what CKAN writes
once in ten minutes, when somebody was last seen, falls into one of them at most.
"""

from __future__ import annotations

import http.client
import json
import sys
from collections import Counter
from urllib.parse import urlsplit

import sqlalchemy as sa
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.plugins import toolkit

from ckanext.dgatier.enforce import memory
from ckanext.dgatier.policy import questions

_seen: Counter[str] = Counter()


def main() -> None:
    """Ask and print."""
    ini, token, *paths = sys.argv[1:]
    application = make_app(CKANConfigLoader(ini).get_config())
    _keep_for_long()
    _count_calls()
    _count_statements()
    headers = {"Authorization": token} if token else {}
    client = application._wsgi_app.test_client()
    found = {}
    for path in paths:
        counted = []
        for _ in range(3):
            _seen.clear()
            answer = client.get(path, headers=headers)
            if answer.status_code != http.client.OK:
                sys.exit(f"{path} answered {answer.status_code}: {answer.text[:300]}")
            counted.append(dict(_seen))
        found[path] = min(counted[1:], key=lambda counts: counts.get("sql", 0))
    sys.stdout.write(json.dumps(found))


def _keep_for_long() -> None:
    """Keep answers for longer than a page takes on the slowest machine: questions are counted."""
    memory.SECONDS = 60.0
    questions._PUBLIC_LABELS_SECONDS = 60.0


def _count_calls() -> None:
    """Count each HTTP request that leaves this process, by the part that it goes to."""
    settings = {
        "opa": "ckanext.dgatier.opa_url",
        "solr": "solr_url",
        "keycloak": "ckanext.dgatier.directory.url",
    }
    parts = {urlsplit(toolkit.config[key]).port: name for name, key in settings.items()}
    original = http.client.HTTPConnection.putrequest

    def counted(self: http.client.HTTPConnection, *args: object, **options: object) -> None:
        _seen[parts.get(self.port, f"port {self.port}")] += 1
        original(self, *args, **options)  # type: ignore[arg-type]

    http.client.HTTPConnection.putrequest = counted  # type: ignore[method-assign,assignment]


def _count_statements() -> None:
    @sa.event.listens_for(sa.engine.Engine, "before_cursor_execute")
    def counted(*_args: object) -> None:
        _seen["sql"] += 1


if __name__ == "__main__":
    main()
