"""Times the proof of the whole audit: `prove.py INI` prints `{events, seconds, problems}`."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

from ckanext.dgatier import store


def main() -> None:
    """Sign what is there, so that checkpoints are proved too, and prove it."""
    application = make_app(CKANConfigLoader(sys.argv[1]).get_config())
    with application._wsgi_app.test_request_context("/"):
        store.audit.make_checkpoint(datetime.now(UTC))
        started = time.perf_counter()
        proof = store.audit.verify()
        seconds = time.perf_counter() - started
    found = {"events": proof.events, "seconds": seconds, "problems": len(proof.problems)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
