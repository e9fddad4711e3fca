"""The domain in pure Python: values and functions from values to values.

Nothing here imports CKAN, Flask, SQLAlchemy or HTTP; time and randomness are arguments.
"""
