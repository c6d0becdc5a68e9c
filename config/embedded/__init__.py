"""The two commands and the servers that they bring along; nobody imports this, settings know only URLs.

`bootstrap` makes `.venv` with the standard library alone. Inside it `up` runs the whole service on
embedded Postgres and Valkey, `checks` runs tests on throw-away ones. The server programs come from
wheels and are used as programs only: their Python packages are never imported.
"""
