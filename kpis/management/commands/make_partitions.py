"""manage.py make_partitions [--years 2]: the tables of readings of the coming years, made ahead."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

_MAKE = "SELECT make_reading_partitions(%s)"
_THERE = """
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'reading'::regclass ORDER BY 1
"""


class Command(BaseCommand):
    help = "Make the partitions of readings up to so many years from now, as the owner. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--years", type=int, default=2, choices=range(1, 51), metavar="1..50")

    def handle(self, *args: Any, **options: Any) -> None:
        last = datetime.now(UTC).year + options["years"]
        try:
            with connections["owner"].cursor() as cursor:
                cursor.execute(_THERE)
                before = {name for (name,) in cursor.fetchall()}
                cursor.execute(_MAKE, [last])
                cursor.execute(_THERE)
                made = [name for (name,) in cursor.fetchall() if name not in before]
        except Error as error:
            raise CommandError(
                f"Cannot make partitions ({error}); OWNER_DATABASE_URL must name the tables' owner."
            ) from error
        self.stdout.write(f"Made {', '.join(made)}." if made else f"Readings have a place up to {last}.")
