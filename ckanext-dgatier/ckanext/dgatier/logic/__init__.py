"""CKAN's actions, auth functions and validators, each a thin line to what does the work."""
