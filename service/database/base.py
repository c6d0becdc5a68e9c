"""Django's Postgres, but a connection that answered a moment ago is not asked first whether it still works.

Django sends a statement before the first of each request (CONN_HEALTH_CHECKS), which is a tenth of what a
small request costs. Where the server ends a session, restarts or dies, the kernel knows at once: the socket
has something to read, while a session that is idle says nothing. What the kernel cannot see is a network that
is cut silently; so a connection that nobody used for a while is asked as before.
"""

from __future__ import annotations

import math
import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

TRUSTED_S = 5.0
"""For so many seconds after a commit the silence of a connection is taken for health."""


class DatabaseWrapper(base.DatabaseWrapper):
    connection: Any
    health_check_enabled: bool
    health_check_done: bool
    answered_at = -math.inf

    def commit(self) -> None:
        super().commit()
        self.answered_at = time.monotonic()

    def close_if_health_check_failed(self) -> None:
        if self.health_check_enabled and not self.health_check_done and self._is_silent():
            self.health_check_done = True
            return
        super().close_if_health_check_failed()

    def _is_silent(self) -> bool:
        """Whether the connection answered a moment ago and has said nothing since."""
        if self.connection is None or time.monotonic() > self.answered_at + TRUSTED_S:
            return False
        socket = select.poll()
        try:
            socket.register(self.connection.fileno(), select.POLLIN)
        except psycopg.OperationalError:  # closed on our side
            return False
        return not socket.poll(0)
