"""`loader_probe.py INI HOSTS URL…` prints what the loader says to each address that it is to fetch.

`{url: null or the refusal}`, as JSON. HOSTS are the places inside that a setting allows, or empty.
"""

from __future__ import annotations

import json
import sys

import requests
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.plugins import IForkObserver, PluginImplementations, toolkit
from ckanext.xloader import jobs


def main() -> None:
    """Fetch and print."""
    ini, hosts, *addresses = sys.argv[1:]
    make_app(CKANConfigLoader(ini).get_config())
    toolkit.config["ckanext.dgatier.loader.hosts"] = hosts.split()
    for plugin in PluginImplementations(IForkObserver):  # as CKAN's worker does before each job
        plugin.before_fork()
    said: dict[str, str | None] = {}
    for address in addresses:
        try:
            jobs.get_response(address, {}).close()
        except requests.exceptions.RequestException as refusal:
            said[address] = str(refusal)
        else:
            said[address] = None
    # What is no download of the loader goes where the portal is configured to go.
    requests.get(toolkit.config["ckanext.dgatier.opa_url"], timeout=5)
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
