"""How gunicorn serves the portal, here and in the containers."""

import os

worker_class = "gthread"
workers = int(os.environ.get("DGATIER_WORKERS", "2"))
threads = 4
timeout = 120
graceful_timeout = 15
keepalive = 5
# The application is loaded once and shared by the workers, which saves a third of their memory.
preload_app = True
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_fork(server: object, worker: object) -> None:
    """Give each worker database connections of its own."""
    from ckan import model
    from ckanext.datastore.backend import postgres

    model.meta.engine.dispose(close=False)
    for engine in postgres._engines.values():
        engine.dispose(close=False)
