"""The portal's speed beside that of a plain CKAN, in one run on one machine."""
