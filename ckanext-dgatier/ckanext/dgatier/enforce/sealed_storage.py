"""Files at rest: a storage of CKAN in which every file of a resource is sealed.

It lies as `ckan:fs` does, under the resource's id, so that a portal with files from before goes on:
those are read as they are, until `ckan dgatier keys seal` has sealed them.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any

import file_keeper as fk
import flask
import magic
from ckan import model
from ckan.lib import files, uploader
from ckan.lib.files import default
from ckan.plugins import toolkit

from ckanext.dgatier import store
from ckanext.dgatier.store import sealing

TYPE = "dgatier:sealed"
MASTER_KEYS = "ckanext.dgatier.files.master_keys"
_PART = 1 << 16
_SAMPLE = 2048
#: Ends the name of a file that is not whole yet.
_BESIDE = "~"


class FileUnreadable(Exception):
    """A sealed file does not open: it was changed, or its key is not to be had."""


def adapters() -> dict[str, type[files.Storage]]:
    """Return the kinds of storage that dgatier adds to CKAN's."""
    return {TYPE: SealedStorage}


def open_original(resource_id: str) -> IO[bytes] | None:
    """Return the bytes of an uploaded file in clear, `None` where there is no such file.

    Raises `FileUnreadable`.
    """
    storage, location = _place(resource_id)
    if storage is None:
        return Path(location).open("rb") if Path(location).is_file() else None
    try:
        stream: IO[bytes] = storage.stream(files.FileData(location))
    except files.exc.MissingFileError:
        return None
    return stream


def size_of_original(resource_id: str) -> int | None:
    """Return how many bytes an uploaded file has in clear, `None` where there is no such file."""
    storage, location = _place(resource_id)
    if storage is None:
        return Path(location).stat().st_size if Path(location).is_file() else None
    try:
        return int(storage.size(location))
    except files.exc.MissingFileError:
        return None


def master_keys() -> list[str]:
    """Return the master keys, the one that wraps first."""
    return list(toolkit.config[MASTER_KEYS])


@dataclasses.dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of the storage: where it lies, whose it is, and the key it names."""

    path: Path
    resource_id: str
    head: sealing.Head | None

    @property
    def size(self) -> int:
        """How many bytes it has in clear."""
        return self.head.size if self.head else self.path.stat().st_size


class _Uploader(files.Uploader):
    """Seals what comes, beside the file in whose place it is put when it is whole."""

    storage: SealedStorage
    capabilities = fk.Capability.CREATE

    def upload(
        self, location: files.Location, upload: files.Upload, extras: dict[str, Any]
    ) -> files.FileData:
        path = Path(self.storage.full_path(location))
        path.parent.mkdir(parents=True, exist_ok=True)
        reader = upload.hashing_reader(algorithm=self.storage.settings.hashing_algorithm)
        self.storage.write(path, resource_of(location), reader, upload.size)
        return files.FileData(
            location, size=upload.size, content_type=upload.content_type,
            hash=reader.get_hash(), algorithm=self.storage.settings.hashing_algorithm,
        )  # fmt: skip


class _Reader(files.Reader):
    storage: SealedStorage
    capabilities = fk.Capability.STREAM

    def stream(self, data: files.FileData, extras: dict[str, Any]) -> IO[bytes]:
        return self.storage.open(data.location)

    def response(self, data: files.FileData, extras: dict[str, Any]) -> Any:
        """Answer as `flask.send_file` does for a plain one: with ranges, and conditions kept."""
        path = Path(self.storage.full_path(data.location))
        size, changed = self.storage.size(data.location), path.stat().st_mtime_ns
        answer = flask.Response(
            _begun(_parts(self.storage.open(data.location)), data.location),
            mimetype=data.content_type or "application/octet-stream",
        )
        answer.content_length = size
        answer.last_modified = datetime.fromtimestamp(changed // 10**9, UTC)
        answer.set_etag(f"{changed}-{size}")
        answer.cache_control.no_cache = True
        answer.headers.set(
            "Content-Disposition", "attachment",
            filename=extras.get("filename") or path.name,
        )  # fmt: skip
        answer.make_conditional(flask.request, accept_ranges=True, complete_length=size)
        return answer


class _Manager(default.FsStorage.ManagerFactory):
    """Tells of files as they are in clear; what would join or copy sealed bytes is not offered."""

    storage: SealedStorage
    capabilities = (
        fk.Capability.REMOVE | fk.Capability.EXISTS | fk.Capability.SCAN | fk.Capability.ANALYZE
    )

    def scan(self, extras: dict[str, Any]) -> Iterator[str]:
        yield from (one for one in super().scan(extras) if not one.endswith(_BESIDE))

    def size(self, location: files.Location, extras: dict[str, Any]) -> int:
        return self.storage.look(location).size

    def hash(self, location: files.Location, extras: dict[str, Any]) -> str:
        with self.storage.open(location) as clear:
            reader = fk.HashingReader(clear, algorithm=self.storage.settings.hashing_algorithm)
            reader.exhaust()
            return str(reader.get_hash())

    def content_type(self, location: files.Location, extras: dict[str, Any]) -> str:
        with self.storage.open(location) as clear:
            return str(magic.from_buffer(clear.read(_SAMPLE), mime=True))


class SealedStorage(default.FsStorage):
    """Stores files in a folder, each sealed by the data key of its dataset."""

    UploaderFactory = _Uploader
    ReaderFactory = _Reader
    ManagerFactory = _Manager

    def look(self, location: files.Location) -> SealedFile:
        """Return what lies there. Raises CKAN's `MissingFileError`."""
        path = Path(self.full_path(location))
        try:
            with path.open("rb") as kept:
                return SealedFile(path, resource_of(location), sealing.read_head(kept))
        except FileNotFoundError as error:
            raise files.exc.MissingFileError(self, location) from error

    def open(self, location: files.Location) -> IO[bytes]:
        """Return the bytes in clear. Raises `MissingFileError` and `FileUnreadable`."""
        path = Path(self.full_path(location))
        try:
            kept = path.open("rb")
        except FileNotFoundError as error:
            raise files.exc.MissingFileError(self, location) from error
        head = sealing.read_head(kept)
        if head is None:
            return kept
        try:
            return sealing.unseal(kept, head, _key(head.key_id), resource_of(location))
        except BaseException:
            kept.close()
            raise

    def write(self, path: Path, resource_id: str, parts: Iterator[bytes], size: int) -> None:
        """Seal a file and put it in the place of what was there."""
        key = _newest_key(_dataset_of(resource_id))
        beside = path.with_name(path.name + _BESIDE)
        try:
            with beside.open("wb") as target:
                head = sealing.Head(key.id, size)
                sealing.seal(parts, target, head, _unwrap(key), resource_id)
                target.flush()
                os.fsync(target.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def sealed_files(self) -> Iterator[SealedFile]:
        """Yield every file of the storage; those from before sealing have no head."""
        for location in self.scan():
            yield self.look(files.Location(location))

    def file_of(self, resource_id: str) -> SealedFile | None:
        """Return the file of a resource, `None` where it has none."""
        _, location = _place(resource_id)
        try:
            return self.look(location)
        except files.exc.MissingFileError:
            return None

    def seal_again(self, one: SealedFile) -> None:
        """Seal a file by the newest key of its dataset, whether it was sealed before or not."""
        location = files.Location(str(one.path.relative_to(self.settings.path)))
        modified = one.path.stat()
        with self.open(location) as clear:
            self.write(one.path, one.resource_id, _parts(clear), one.size)
        os.utime(one.path, ns=(modified.st_atime_ns, modified.st_mtime_ns))


def resource_storage() -> SealedStorage | None:
    """Return the storage of resources' files, `None` where it is not a sealed one."""
    found = files.storages.get(toolkit.config["ckan.files.default_storages.resource"])
    return found if isinstance(found, SealedStorage) else None


def resource_of(location: files.Location) -> str:
    """Return the resource whose file lies there: CKAN cuts its id into two folders and a name."""
    return location.replace("/", "")


def _place(resource_id: str) -> tuple[fk.Storage | None, files.Location]:
    """Return where CKAN keeps the file of a resource: a storage, or `None` and a path."""
    held = uploader.get_resource_uploader({"id": resource_id})
    return getattr(held, "storage", None), files.Location(held.get_path(resource_id))


def _dataset_of(resource_id: str) -> str:
    resource = model.Resource.get(resource_id)
    if resource is None:
        raise FileUnreadable(f"{resource_id} is the file of no resource")
    return str(resource.package_id)


def _newest_key(dataset_id: str) -> store.data_keys.WrappedKey:
    with store.transaction() as connection:
        if known := store.data_keys.newest(dataset_id, connection):
            return known
        store.data_keys.lock(dataset_id, connection)
        if known := store.data_keys.newest(dataset_id, connection):
            return known
        return make_key(dataset_id, connection)


def make_key(dataset_id: str, connection: Any) -> store.data_keys.WrappedKey:
    """Give a dataset a new data key, by which its files are sealed from now on."""
    wrapped = sealing.wrap(sealing.new_key(), dataset_id, master_keys())
    return store.data_keys.add(dataset_id, wrapped, connection)


def _key(key_id: str) -> bytes:
    known = store.data_keys.by_id(key_id)
    if known is None:
        raise FileUnreadable(f"the data key {key_id} is not known")
    return _unwrap(known)


def _unwrap(key: store.data_keys.WrappedKey) -> bytes:
    try:
        return sealing.unwrap(key.wrapped, key.dataset_id, master_keys())
    except sealing.UnknownMasterKey as error:
        raise FileUnreadable(
            f"no master key that is configured opens the data key {key.id}"
        ) from error


def _begun(parts: Iterator[bytes], location: str) -> Iterator[bytes]:
    """Read the first part before any of it goes out: what does not open is no empty file."""
    try:
        first = next(parts, b"")
    except sealing.SealBroken as error:
        raise FileUnreadable(f"{location} was changed, or put in another's place") from error
    return chain((first,), parts)


def _parts(clear: IO[bytes]) -> Iterator[bytes]:
    with clear:
        while part := clear.read(_PART):
            yield part
