"""CKAN keeps with each activity who could discover its dataset when it was written."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model, plugins

from . import catalogue


def relabel(dataset_id: str) -> None:
    """Give what is known of a dataset's past to those who may discover it now, and no one else."""
    package = model.Package.get(dataset_id)
    if package is None or not plugins.plugin_loaded("activity"):
        return
    from ckanext.activity.model import Activity  # its table is there only then

    labels = catalogue.dataset_labels(package)
    model.Session.execute(
        sa.update(Activity)
        .where(Activity.object_id == package.id)
        .values(permission_labels=labels)
        .execution_options(synchronize_session=False)
    )
