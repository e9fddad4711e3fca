"""`registry.py INI` prints what can be called: `{actions: {name: free of side effects}, rules}`.

The portal's own application in this process, by the same configuration; a rule is `[endpoint, rule,
methods, arguments]`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def of_portal(ini: Path) -> dict[str, Any]:
    """Return what this program prints, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, ini], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Make the application and print."""
    from ckan import logic
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    application = make_app(CKANConfigLoader(sys.argv[1]).get_config())._wsgi_app
    with application.app_context():
        logic.get_action("package_show")
        actions = {
            name: bool(getattr(action, "side_effect_free", False))
            for name, action in logic._actions.items()
        }
    rules = [
        [
            one.endpoint,
            one.rule,
            sorted(one.methods or ()),
            sorted(one.arguments - set(one.defaults or ())),
        ]
        for one in application.url_map.iter_rules()
    ]
    sys.stdout.write(json.dumps({"actions": actions, "rules": rules}))


if __name__ == "__main__":
    main()
