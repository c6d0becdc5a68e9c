"""Django's Postgres, but the BEGIN of a transaction is also the question whether the connection works.

Django asks that before the first statement of each request (CONN_HEALTH_CHECKS) with a statement of its
own, and sends BEGIN before the next. Each is a way to the server and back, and such ways are much of what a
small request costs. A transaction that has begun says the same: the connection works. Where none is opened,
Django's question is asked as ever.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import ExecStatus


class DatabaseWrapper(base.DatabaseWrapper):
    connection: Any
    health_check_enabled: bool
    health_check_done: bool

    def set_autocommit(self, autocommit: bool, *args: Any, **named: Any) -> None:
        if autocommit or not self._is_in_doubt():
            super().set_autocommit(autocommit, *args, **named)
            return
        self.health_check_done = True
        super().set_autocommit(autocommit, *args, **named)
        if not self._has_begun():
            self.close()
            super().set_autocommit(autocommit, *args, **named)  # over a new connection

    def _is_in_doubt(self) -> bool:
        is_open = self.connection is not None and not self.connection.closed
        return is_open and self.health_check_enabled and not self.health_check_done

    def _has_begun(self) -> bool:
        try:
            begun: ExecStatus = self.connection.pgconn.exec_(b"BEGIN").status
        except psycopg.OperationalError:
            return False
        return begun == ExecStatus.COMMAND_OK
