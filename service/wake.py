"""Waking a worker after commit. A broker that is down costs time, never the work: ticks find what is due."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def wake(task: Any) -> None:
    """Send `task` (a Celery task without arguments) once the transaction has committed."""

    def send() -> None:
        try:
            task.apply_async(retry=False, expires=60)
        except OperationalError:
            log.warning("the broker does not answer; the next tick does it")

    transaction.on_commit(send)
