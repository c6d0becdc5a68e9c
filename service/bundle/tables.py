"""Sections made of models: what a row looks like, how it is read and written. A new column travels at once.

A shape is strict: every column by its type and length, unknown members refused. A column with a default may
be absent, so that bundles written before it came are still read.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

import msgspec
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from service.errors import Issue
from service.fields import SLUG

Check = Callable[[dict[str, Any]], Iterable[Issue]]
"""What else a row must be, asked of it as plain data; pointers are relative to the row."""

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
_ALWAYS_OMITTED = ("workspace", "pk")


@dataclass(frozen=True)
class Table:
    """A section of rows of one table.

    order: SQL. omit: columns that are not carried. given: {omitted column: SQL of its value at an import}.
    said: {column: SQL} where a bundle says something else than the column.
    """

    name: str
    model: type[models.Model]
    order: str = "created_at, id"
    omit: frozenset[str] = frozenset()
    given: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def columns(self) -> list[models.Field[Any, Any]]:
        """The columns that are carried."""
        return [
            each
            for each in self.model._meta.concrete_fields
            if each.name not in _ALWAYS_OMITTED
            and each.attname not in self.omit
            and not isinstance(each, models.BigAutoField)
        ]

    @cached_property
    def shape(self) -> type[msgspec.Struct]:
        """A row."""
        members = sorted((_member(each) for each in self.columns), key=len)
        name = "".join(word.title() for word in self.name.split("_"))
        return msgspec.defstruct(name, members, forbid_unknown_fields=True, kw_only=True)

    @cached_property
    def select(self) -> str:
        """The statement that returns each row as JSON text."""
        pairs = (f"'{each.attname}', {self._said(each)}" for each in self.columns)
        return (
            f"SELECT json_build_object({', '.join(pairs)})::text FROM {self.table} "  # noqa: S608
            f"WHERE workspace_id = %(workspace)s ORDER BY {self.order}"
        )

    @cached_property
    def insert(self) -> str:
        """The statement that stores rows, given as one JSON text, in their order."""
        names = ", ".join(f'"{each.attname}"' for each in self.columns)
        types = ", ".join(f'"{each.attname}" {_type(each)}' for each in self.columns)
        values = ", ".join(_read(each) for each in self.columns)
        more_names = "".join(f', "{name}"' for name in self.given)
        more = "".join(f", {value}" for value in self.given.values())
        return (
            f"INSERT INTO {self.table} (workspace_id, {names}{more_names}) "  # noqa: S608
            f"SELECT %(workspace)s, {values}{more} "
            f"FROM json_to_recordset(%(rows)s::json) AS r ({types})"
        )

    def _said(self, column: models.Field[Any, Any]) -> str:
        if column.attname in self.said:
            return self.said[column.attname]
        if isinstance(column, models.BinaryField):
            return f"encode(\"{column.attname}\", 'hex')"
        return f'"{column.attname}"'


def _type(column: models.Field[Any, Any]) -> str:
    if isinstance(column, models.BinaryField):
        return "text"
    return str(column.db_type(connection))


def _read(column: models.Field[Any, Any]) -> str:
    if isinstance(column, models.BinaryField):
        return f"decode(r.\"{column.attname}\", 'hex')"
    return f'r."{column.attname}"'


def _member(column: models.Field[Any, Any]) -> tuple[str, Any] | tuple[str, Any, Any]:
    """Return (name, type), with a default where the column has one."""
    kind = _kind(column)
    if kind is msgspec.Raw:  # no part of a union: null is among what it may be
        return (column.attname, kind, msgspec.Raw(b"null")) if column.null else (column.attname, kind)
    if column.null:
        return column.attname, kind | None, None
    default = column.default
    if default is models.NOT_PROVIDED or column.primary_key:
        return column.attname, kind
    return column.attname, kind, msgspec.field(default_factory=default) if callable(default) else default


def _kind(column: models.Field[Any, Any]) -> Any:
    if isinstance(column, ArrayField):
        return list[_kind(column.base_field)]  # type: ignore[misc]
    if isinstance(column, models.ForeignKey | models.OneToOneField):
        return uuid.UUID
    if isinstance(column, models.JSONField):
        if column.name == "attributes":
            return Annotated[dict[str, str], msgspec.Meta(max_length=50)]
        if column.default in (dict, list):
            return dict[str, msgspec.Raw] if column.default is dict else list[msgspec.Raw]
        return msgspec.Raw
    if isinstance(column, models.CharField):
        if column.choices:
            words = "|".join(str(value) for value, _ in column.choices)
            return Annotated[str, msgspec.Meta(pattern=rf"^({words})\Z")]
        if column.name == "key":
            return Annotated[str, msgspec.Meta(pattern=f"(?!{_UUID}){SLUG}", max_length=64)]
        return Annotated[str, msgspec.Meta(max_length=column.max_length)]
    if isinstance(column, models.BinaryField):
        return Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})*\Z", max_length=1024)]
    for kind, found in _KINDS.items():
        if isinstance(column, kind):
            return found
    raise TypeError(f"{column} has no place in a bundle: omit it.")


def _whole(low: int, high: int) -> Any:
    return Annotated[int, msgspec.Meta(ge=low, le=high)]


_KINDS: Mapping[type[models.Field[Any, Any]], Any] = {
    models.UUIDField: uuid.UUID,
    models.DateTimeField: Annotated[datetime, msgspec.Meta(tz=True)],
    models.BooleanField: bool,
    models.PositiveSmallIntegerField: _whole(0, 2**15 - 1),
    models.PositiveIntegerField: _whole(0, 2**31 - 1),
    models.BigIntegerField: _whole(-(2**63), 2**63 - 1),
}
