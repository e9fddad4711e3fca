"""OPA is down: protected data is refused for now, and open data goes on."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from instance import REGISTER, REPOSITORY, Instance


def _supervise(command: str) -> None:
    subprocess.run(
        [
            REPOSITORY / ".run" / "venv" / "bin" / "supervisorctl",
            "-c", REPOSITORY / ".run" / "supervisord.conf", command, "opa",
        ],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def policy_is_down(instance: Instance) -> Iterator[None]:
    _supervise("stop")
    yield
    _supervise("start")
    for _ in range(100):
        try:
            requests.get(f"{instance.state['opa_url']}/health?bundles", timeout=1)
            return
        except requests.ConnectionError:
            time.sleep(0.1)


def test_protected_data_is_refused_and_open_data_goes_on(
    instance: Instance, resource_of: Callable[[str], str], request: pytest.FixtureRequest
) -> None:
    # Each worker has once heard what everyone may discover.
    heard = [requests.get(f"{instance.url}/dataset/{REGISTER}", timeout=30).ok for _ in range(10)]
    assert all(heard)
    register, provinces = resource_of(REGISTER), resource_of("provinces")
    headers = {"Authorization": instance.person("suda")["api_token"]}
    request.getfixturevalue("policy_is_down")
    time.sleep(6)  # the labels of the public are kept for five seconds
    api = f"{instance.url}/api/3/action"
    opened = requests.get(f"{api}/datastore_search?resource_id={provinces}", timeout=30)
    assert opened.json()["result"]["total"] == 77
    found = requests.get(f"{api}/package_search?rows=0", timeout=30).json()["result"]["count"]
    assert 20 < found < 62
    assert requests.get(f"{instance.url}/dataset/provinces", timeout=30).status_code == 200
    for path in (
        f"{api}/dgatier_access_show?id={REGISTER}",
        f"{api}/datastore_search?resource_id={register}",
        f"{api}/dgatier_view_search?resource_id={register}",
        f"{instance.url}/dataset/{REGISTER}",
        f"{instance.url}/dataset/{REGISTER}/resource/{register}/download",
    ):
        for who in (headers, {}):
            refused = requests.get(path, headers=who, timeout=30)
            assert refused.status_code == 503, (path, refused.status_code)
            assert int(refused.headers["Retry-After"]) > 0
            assert "citizen_id" not in refused.text
    # What not everyone could discover is not said to be there, not even for now.
    hidden = requests.get(f"{api}/package_show?id=promptpay-transfers", timeout=30)
    assert hidden.status_code in (403, 404)
