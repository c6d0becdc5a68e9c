"""The pytest plugin that leads each of several workers to a database and a Valkey database of its own.

PYTEST_PLUGINS names it, so that it comes before the settings are read; alone, pytest uses what it is given.
"""

from __future__ import annotations

import os
import signal

from config.embedded.throwaway import lane

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.update(lane(os.environ, int(worker.removeprefix("gw"))))
    # Workers are made to ignore Ctrl-C, and whatever a test starts would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
