"""The portal as a WSGI application; `CKAN_INI` names its configuration."""

import gc
import os
from logging.config import fileConfig

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

_config = CKANConfigLoader(os.environ["CKAN_INI"]).get_config()
fileConfig(os.environ["CKAN_INI"], disable_existing_loggers=False)
application = make_app(_config)

# What was loaded stays as long as the process. Looking through it for garbage again and again
# would hold requests up, and make each worker's copy of it.
gc.collect()
gc.freeze()
