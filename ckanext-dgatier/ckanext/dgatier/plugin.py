"""Where CKAN's interfaces are implemented, each by a line that calls further in."""

from __future__ import annotations

from ckan import plugins
from ckan.plugins import toolkit

from . import cli


@toolkit.blanket.cli(cli.get_commands)
class DgatierPlugin(plugins.SingletonPlugin):
    """x."""

    plugins.implements(plugins.IConfigurer, inherit=True)
