"""A file lies sealed, is read in clear by whoever may, and changes its key by command."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import files
from instance import Instance, ckan, open_dataset, run_command
from stack.settings import Settings

STORAGE = Settings.load().run / "storage" / "resources"
SECRET_WORDS = b"/Words(the canary of a sealed file)"
CONTENT = files.pdf(SECRET_WORDS)


def place(resource_id: str) -> Path:
    return STORAGE / resource_id[:3] / resource_id[3:6] / resource_id[6:]


def head_of(resource_id: str) -> bytes:
    with place(resource_id).open("rb") as kept:
        return kept.read(32)


@pytest.fixture(params=["open", "internal"])
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def package(instance: Instance, level: str) -> Iterator[str]:
    suda = instance.portal("suda").action
    made = suda.package_create(
        **{**open_dataset(), "classification_level": level, "resources": [],
           "level_ground": "Section 9 of the Official Information Act."}
    )  # fmt: skip
    yield str(made["id"])
    suda.package_delete(id=made["id"])


def publish(instance: Instance, package: str, content: bytes = CONTENT) -> str:
    with io.BytesIO(content) as upload:
        upload.name = "words.pdf"
        made = instance.portal("suda").action.resource_create(
            package_id=package, name="words.pdf", format="PDF", upload=upload
        )
    return str(made["id"])


def fetch(
    instance: Instance, package: str, resource_id: str, method: str = "GET", **headers: str
) -> requests.Response:
    token = instance.person("suda")["api_token"]
    return requests.request(
        method, f"{instance.url}/dataset/{package}/resource/{resource_id}/download/words.pdf",
        headers={"Authorization": token, **headers}, timeout=60,
    )  # fmt: skip


def test_it_lies_sealed_and_is_read_in_clear(instance: Instance, package: str) -> None:
    made = publish(instance, package)
    kept = place(made).read_bytes()
    assert kept.startswith(b"dgatier-sealed-1")
    assert SECRET_WORDS not in kept
    answer = fetch(instance, package, made)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["Content-Type"].startswith("application/pdf")


def test_nothing_of_it_is_left_beside(instance: Instance, package: str) -> None:
    made = publish(instance, package)
    assert [one.name for one in place(made).parent.iterdir()] == [made[6:]]


def test_a_part_of_it_and_its_size_are_told_as_of_a_plain_file(
    instance: Instance, package: str
) -> None:
    made = publish(instance, package, CONTENT + b"x" * (3 << 20))
    part = fetch(instance, package, made, Range="bytes=5-12")
    assert (part.status_code, part.content) == (206, CONTENT[5:13])
    late = fetch(instance, package, made, Range=f"bytes={2 << 20}-{(2 << 20) + 3}")
    assert (late.status_code, late.content) == (206, b"xxxx")
    whole = fetch(instance, package, made, "HEAD")
    assert (whole.status_code, whole.content) == (200, b"")
    assert int(whole.headers["Content-Length"]) == len(CONTENT) + (3 << 20)


def test_a_file_put_in_the_place_of_another_does_not_open(instance: Instance, package: str) -> None:
    one, other = publish(instance, package), publish(instance, package, files.pdf(b"/Other 1"))
    place(other).write_bytes(place(one).read_bytes())
    answer = fetch(instance, package, other)
    assert answer.status_code == 500
    assert SECRET_WORDS not in answer.content


def test_a_new_key_seals_the_files_again_and_the_one_before_is_gone(
    instance: Instance, package: str
) -> None:
    made = publish(instance, package)
    before = head_of(made)
    said = ckan("dgatier", "keys", "rotate", package)
    assert "1 files sealed" in said
    assert head_of(made) != before
    assert fetch(instance, package, made).content == CONTENT
    place(made).write_bytes(before + place(made).read_bytes()[32:])
    assert fetch(instance, package, made).status_code == 500


def test_a_file_from_before_is_read_and_then_sealed(instance: Instance, package: str) -> None:
    made = publish(instance, package)
    place(made).write_bytes(CONTENT)
    assert fetch(instance, package, made).content == CONTENT
    found = run_command("dgatier", "keys", "check")
    assert found.returncode == 1
    assert f"file of resource {made}: not sealed" in found.stdout
    ckan("dgatier", "keys", "seal")
    assert place(made).read_bytes().startswith(b"dgatier-sealed-1")
    assert fetch(instance, package, made).content == CONTENT


def test_keys_are_wrapped_again_without_a_file_being_touched(
    instance: Instance, package: str
) -> None:
    made = publish(instance, package)
    kept = place(made).read_bytes()
    assert "wrapped by the first master key" in ckan("dgatier", "keys", "rewrap")
    assert place(made).read_bytes() == kept
    assert fetch(instance, package, made).content == CONTENT


@pytest.mark.parametrize(
    "address",
    [
        "uploads/resources/{}/{}/{}",
        "storage/resources/{}/{}/{}",
        "resources/{}/{}/{}",
        "file/public-download/resources/{}/{}/{}",
        "file/download/{0}{1}{2}",
    ],
)
def test_no_guessed_address_reaches_it(
    instance: Instance, package: str, level: str, address: str
) -> None:
    made = publish(instance, package)
    guessed = address.format(made[:3], made[3:6], made[6:])
    answer = requests.get(f"{instance.url}/{guessed}", timeout=30)
    assert answer.status_code in (403, 404), f"{level}: {guessed}"
    assert SECRET_WORDS not in answer.content
