"""The audit cannot be written: the protected read does not happen, and open data goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from instance import Instance
from stack import database
from stack.settings import Settings


@pytest.fixture
def audit_is_closed() -> Iterator[None]:
    """Take from the portal's role the right to write into the audit."""
    settings = Settings.load()
    connection = database.connect(settings, settings.secrets(), "ckan")
    with connection.cursor() as cursor:
        cursor.execute("REVOKE EXECUTE ON FUNCTION dgatier_audit.append FROM ckan")
        try:
            yield
        finally:
            cursor.execute("GRANT EXECUTE ON FUNCTION dgatier_audit.append TO ckan")
    connection.close()


def test_what_cannot_be_written_down_does_not_happen(
    instance: Instance, resource_of: Callable[[str], str], request: pytest.FixtureRequest
) -> None:
    internal, open_one = resource_of("household-debt-survey"), resource_of("provinces")
    headers = {"Authorization": instance.person("suda")["api_token"]}
    api = f"{instance.url}/api/3/action"
    paths = (
        f"{api}/datastore_search?resource_id={internal}",
        f"{api}/dgatier_view_search?resource_id={internal}",
        f"{instance.url}/datastore/dump/{internal}",
        f"{instance.url}/dataset/household-debt-survey/resource/{internal}/download",
    )
    for path in paths:
        assert requests.get(path, headers=headers, timeout=30).status_code == 200, path
    request.getfixturevalue("audit_is_closed")
    for path in paths:
        refused = requests.get(path, headers=headers, timeout=30)
        assert refused.status_code == 503, path
        assert refused.headers["Retry-After"]
        assert "Traceback" not in refused.text
    opened = requests.get(f"{api}/datastore_search?resource_id={open_one}", timeout=30)
    assert opened.json()["result"]["total"] == 77
