"""Set as ENGINE in DATABASES: Django's Postgres, see `base`."""
