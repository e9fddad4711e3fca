"""`timing.py [SAMPLES]` says whether a hidden dataset takes as long as one that is not there.

Hidden and missing are asked for in turn, so that what else the machine does falls on both. A
difference counts where the medians are further apart than such medians are by chance. Not in the
suite: it wants a quiet machine. Ends with 1 where something can be told apart.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable

import requests
import world
from world import Target

from instance import Instance

_SAMPLES = 200
#: How many standard errors of a difference of medians are no chance any more.
_TELLING = 4.0
#: The standard error of a median, in those of the mean of a normal distribution.
_OF_A_MEDIAN = 1.2533
#: The standard deviation of a normal distribution, in median absolute deviations.
_OF_A_DEVIATION = 1.4826

Ask = Callable[[requests.Session, Target], requests.Response]


def main() -> None:
    """Print a line for each person and way."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else _SAMPLES
    instance = Instance.running()
    told_apart = False
    with world.made(instance, "secret") as made:
        hidden, missing = made["secret"], world.missing(made["secret"])
        for person in (None, "prasit", "admin"):
            session = requests.Session()
            if person:
                session.headers["Authorization"] = instance.person(person)["api_token"]
            for name, ask in _ways(instance.url).items():
                there, none = _seconds(session, ask, (hidden, missing), samples)
                apart = statistics.median(there) - statistics.median(none)
                noise = (_error(there) ** 2 + _error(none) ** 2) ** 0.5
                told_apart |= abs(apart) > _TELLING * noise
                sys.stdout.write(
                    f"{person or 'anyone':8} {name:18} {1000 * statistics.median(none):7.2f} ms, "
                    f"hidden {1000 * apart:+6.2f} ms, {apart / noise:+5.1f} standard errors\n"
                )
                sys.stdout.flush()
    sys.exit(1 if told_apart else 0)


def _ways(url: str) -> dict[str, Ask]:
    def action(name: str, key: str, of: Callable[[Target], str]) -> Ask:
        return lambda session, target: session.post(
            f"{url}/api/3/action/{name}", json={key: of(target)}, timeout=60
        )

    return {
        "package_show": action("package_show", "id", lambda target: target.name),
        "resource_show": action("resource_show", "id", lambda target: target.table),
        "datastore_search": action("datastore_search", "resource_id", lambda target: target.table),
        "page": lambda session, target: session.get(f"{url}/dataset/{target.name}", timeout=60),
    }


def _seconds(
    session: requests.Session, ask: Ask, targets: tuple[Target, Target], samples: int
) -> tuple[list[float], list[float]]:
    """Return how long each of two was waited for, each time in an order by chance."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(samples):
        for number in random.sample((0, 1), 2):
            began = time.perf_counter()
            answer = ask(session, targets[number])
            taken[number].append(time.perf_counter() - began)
            assert answer.status_code == requests.codes.not_found, answer.text[:200]
    return taken


def _error(taken: list[float]) -> float:
    """Return the standard error of the median, by deviations that outliers do not move."""
    middle = statistics.median(taken)
    deviation = _OF_A_DEVIATION * statistics.median(abs(one - middle) for one in taken)
    return _OF_A_MEDIAN * deviation / len(taken) ** 0.5


if __name__ == "__main__":
    main()
