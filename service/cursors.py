"""The cursor of Django's connections: values stand in its statements, so no two are alike and none is kept.

psycopg counts the statements of a connection to prepare those that come often, and keeps the text of the
last hundred for that. With values in the text that is a hundred drafts of a few MiB for each connection, and
nothing ever comes twice. Statements whose values travel beside them (service/sql.py) go on being prepared.
"""

from __future__ import annotations

from typing import Any

import psycopg


class Unprepared(psycopg.ClientCursor[Any]):
    """Set as `cursor_factory` in DATABASES."""

    def execute(self, *args: Any, **named: Any) -> Any:
        # `prepare=False` would prepare nothing and yet count (psycopg 3.3).
        threshold = self.connection.prepare_threshold
        self.connection.prepare_threshold = None
        try:
            return super().execute(*args, **named)
        finally:
            self.connection.prepare_threshold = threshold
