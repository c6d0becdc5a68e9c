"""Published maps saved as templates. A template names its version, which never changes: nothing is copied."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from journeys import queries
from journeys.models import Template, Version
from service import resources
from service.errors import Conflict
from service.preconditions import IfMatch
from service.resources import KeyTaken

MAX_TEMPLATES = 200


class Shipped(Conflict):
    code, title = "not_editable", "This template comes with the service as it is."


@transaction.atomic(savepoint=False)
def create_template(*, version: Version, values: Mapping[str, Any], at: datetime) -> Template:
    """Save a version as a template. `values`: name, description, sector, key, attributes.

    Raises KeyTaken, LimitReached (`templates`).
    """
    workspace_id = version.workspace_id
    _refuse_shipped_key(values)
    rows = Template.objects.filter(workspace_id=workspace_id, archived_at=None)
    resources.check_limit(rows, workspace_id=workspace_id, name="templates", default=MAX_TEMPLATES)
    document = msgspec.json.decode(queries.version_bytes(version))
    row = Template(
        workspace_id=workspace_id,
        journey_map_id=version.journey_map_id,
        version=version.number,
        created_at=at,
        updated_at=at,
        **queries.summary_of(document),
        **values,
    )
    return resources.add(row)


def change_template(
    *, workspace_id: uuid.UUID, ref: str, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> Template:
    """Write what is said of a template; its map and version stay.

    Raises NotFound, Shipped, KeyTaken, PreconditionFailed.
    """
    row = _own(workspace_id, ref)
    _refuse_shipped_key(values)
    return resources.change(row, values, expected=expected, at=at)


def archive_template(*, workspace_id: uuid.UUID, ref: str, expected: IfMatch, at: datetime) -> None:
    """Take a template out of the list. Raises NotFound, Shipped, PreconditionFailed."""
    resources.archive(_own(workspace_id, ref), expected=expected, at=at)


def _own(workspace_id: uuid.UUID, ref: str) -> Template:
    row = queries.template(workspace_id, ref).row
    if row is None:
        raise Shipped("Make a map from it, change that, and save it as a template of your own.")
    return row


def _refuse_shipped_key(values: Mapping[str, Any]) -> None:
    if values.get("key") in queries.shipped_templates():
        raise KeyTaken(f"A shipped template has the key {values['key']!r}.")
