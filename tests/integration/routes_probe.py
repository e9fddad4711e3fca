"""`routes_probe.py INI` prints every address that takes a POST: a list of paths, as JSON.

The portal's own application in this process; what stands in an address for a name is "x", and for a
number 3.
"""

from __future__ import annotations

import json
import re
import sys

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

_NUMBER = re.compile(r"<int[^>]*>")
_PLACE = re.compile(r"<[^>]*>")


def main() -> None:
    """Find and print."""
    application = make_app(CKANConfigLoader(sys.argv[1]).get_config())
    rules = application._wsgi_app.url_map.iter_rules()
    taken = [rule.rule for rule in rules if "POST" in (rule.methods or ())]
    paths = {_PLACE.sub("x", _NUMBER.sub("3", one)) for one in taken}
    sys.stdout.write(json.dumps(sorted(paths)))


if __name__ == "__main__":
    main()
