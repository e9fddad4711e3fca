"""The keys of files: sealing what came before, changing keys, looking whether all opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ckan import model

from ckanext.dgatier import store
from ckanext.dgatier.store import sealing

from . import sealed_storage
from .sealed_storage import FileUnreadable, SealedFile, SealedStorage

#: Told after each file: how many are done, of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many files were sealed anew, and what hindered the others: `{file}: {why}` each."""

    files: int
    hindered: tuple[str, ...]


def seal_plain(storage: SealedStorage, progress: Progress) -> Resealed:
    """Seal the files that came before the storage was sealed; the others stay as they are."""
    plain = [one for one in storage.sealed_files() if one.head is None]
    return _seal(storage, plain, progress)


def rotate(storage: SealedStorage, dataset_id: str, progress: Progress) -> Resealed:
    """Give a dataset a new data key, seal its files by it, and forget the keys before.

    The keys before stay where a file could not be sealed anew, so that it still opens. Broken off,
    it is run again: files that have the new key already are sealed once more, and nothing is lost.
    """
    with store.transaction() as connection:
        store.data_keys.lock(dataset_id, connection)
        made = sealed_storage.make_key(dataset_id, connection)
    resources = model.Session.query(model.Resource.id).filter_by(package_id=dataset_id)
    own = [one for row in resources if (one := storage.file_of(row.id)) is not None]
    done = _seal(storage, own, progress)
    if not done.hindered:
        before = {key.id for key in store.data_keys.everything() if key.dataset_id == dataset_id}
        with store.transaction() as connection:
            store.data_keys.forget(before - {made.id}, connection)
    return done


def rewrap() -> int:
    """Wrap every data key by the first master key; return how many there are.

    After this the other master keys can be taken out of the configuration. Raises
    `UnknownMasterKey` where one of them opens no more, and changes nothing then.
    """
    masters = sealed_storage.master_keys()
    with store.transaction() as connection:
        return store.data_keys.rewrap(lambda kept: sealing.rewrap(kept, masters), connection)


def problems(storage: SealedStorage) -> Iterator[str]:
    """Yield what is wrong: keys that no master key opens, files that are plain or name no key."""
    known = set()
    masters = sealed_storage.master_keys()
    for key in store.data_keys.everything():
        known.add(key.id)
        try:
            sealing.unwrap(key.wrapped, key.dataset_id, masters)
        except sealing.UnknownMasterKey:
            yield f"data key {key.id} of dataset {key.dataset_id}: no master key opens it"
    for one in storage.sealed_files():
        if one.head is None:
            yield f"file of resource {one.resource_id}: not sealed"
        elif one.head.key_id not in known:
            yield f"file of resource {one.resource_id}: its data key {one.head.key_id} is gone"


def _seal(storage: SealedStorage, chosen: list[SealedFile], progress: Progress) -> Resealed:
    hindered = []
    for number, one in enumerate(chosen, start=1):
        try:
            storage.seal_again(one)
        except (FileUnreadable, sealing.SealBroken) as error:
            hindered.append(f"{one.resource_id}: {error or 'it was changed or cut off'}")
        progress(number, len(chosen))
    return Resealed(len(chosen) - len(hindered), tuple(hindered))
