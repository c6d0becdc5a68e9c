"""The service's settings, with the peers beside it: same middleware, credential check, role, transactions."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, LOGGING

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "simple_history",
    "reversion",
    "pgtrigger",
    "pghistory",
    "bench.peers",
]
ROOT_URLCONF = "bench.urls"
LOGGING = LOGGING | {"root": {"handlers": ["stderr"], "level": "WARNING"}}
