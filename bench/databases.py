"""Databases beside the service's own on its server, each for a while in the place of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.utils import load_backend

ALIASES = ("default", "owner")
_wrappers: dict[str, dict[str, Any]] = {}


@contextmanager
def on_database(database: str) -> Iterator[None]:
    """Put connections to another database in the places of this thread's own."""
    own = {alias: connections[alias] for alias in ALIASES}
    if database not in _wrappers:
        _wrappers[database] = {
            alias: load_backend(wrapper.settings_dict["ENGINE"]).DatabaseWrapper(
                {**wrapper.settings_dict, "NAME": database}, alias
            )
            for alias, wrapper in own.items()
        }
    for alias, wrapper in _wrappers[database].items():
        connections[alias] = wrapper
    try:
        yield
    finally:
        for alias, wrapper in own.items():
            connections[alias] = wrapper


def as_owner(sql: str, values: dict[str, Any] | None = None) -> list[Any]:
    """Run a statement as the owner, in the database that this thread is on; return its rows."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def make_copies(names: Iterable[str]) -> None:
    """Make databases that are as the service's own is now, which loses its connections."""
    template = str(connections["owner"].settings_dict["NAME"])
    for alias in ALIASES:
        connections[alias].close()
    for name in names:
        as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_copies(names: Iterable[str]) -> None:
    """Drop such databases."""
    for name in names:
        for wrapper in _wrappers.pop(name, {}).values():
            wrapper.close()
        as_owner(f'DROP DATABASE IF EXISTS "{name}"')
