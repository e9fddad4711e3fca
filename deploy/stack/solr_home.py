"""The folder from which Solr serves: its cores with the schema of the installed CKAN."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from . import health
from .settings import Settings

_SOURCE = Path(__file__).resolve().parents[1] / "solr"


def write(home: Path, cores: Iterable[str]) -> None:
    """Write the whole folder; what Solr has put into it stays."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(_SOURCE / "solr.xml", home / "solr.xml")
    for core in cores:
        add_core(home, core)


def add_core(home: Path, core: str) -> None:
    """Write the folder of one core; Solr finds it when it starts."""
    configuration = home / core / "conf"
    configuration.mkdir(parents=True, exist_ok=True)
    shutil.copy(_schema(), configuration / "schema.xml")
    shutil.copy(_SOURCE / "solrconfig.xml", configuration / "solrconfig.xml")
    for empty in ("synonyms.txt", "protwords.txt", "stopwords.txt"):
        (configuration / empty).touch()
    (home / core / "core.properties").write_text(f"name={core}\n")


def create_core(settings: Settings, core: str) -> None:
    """Make a core in the running server, unless it is there."""
    home = settings.run / "solr" / "home"
    cores = f"{settings.url('solr')}/solr/admin/cores"
    if not health.says(f"{cores}?action=STATUS&core={core}", '"instanceDir"'):
        add_core(home, core)
        (home / core / "core.properties").unlink()  # Solr writes it when it creates
        urllib.request.urlopen(f"{cores}?action=CREATE&name={core}", timeout=60).close()


def _schema() -> Path:
    spec = find_spec("ckan")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("ckan is not installed")
    return Path(spec.origin).parent / "config" / "solr" / "schema.xml"
