"""Waking a worker after commit. A broker that is down costs time, never the work: ticks find what is due."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
# A broker that did not answer is left alone for so long: else each commit would wait for its time-out.
PAUSE_S = 5.0


class _Poke:
    """Sends wake-ups of this process; remembers until when the broker is left alone."""

    def __init__(self) -> None:
        self.resumes_at = 0.0

    def send(self, task: Any) -> None:
        if time.monotonic() < self.resumes_at:
            return
        try:
            task.apply_async(retry=False, expires=60)
        except OperationalError:
            self.resumes_at = time.monotonic() + PAUSE_S
            log.warning("the broker does not answer; ticks do the work for %.0f s", PAUSE_S)


_poke = _Poke()


def wake(task: Any) -> None:
    """Send `task` (a Celery task without arguments) once the transaction has committed."""
    transaction.on_commit(lambda: _poke.send(task))
