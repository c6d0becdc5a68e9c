"""The horizon: how far back a workspace's readings go, where retention has deleted what was before it."""

from __future__ import annotations

import uuid
from datetime import datetime

from kpis.series.live_parts import iso
from service.errors import Gone
from service.models import Workspace

BEYOND = "Readings of then are no longer kept; `detail` names the horizon."


class BeyondRetention(Gone):
    code, title = "beyond_retention", "Readings of then are no longer kept."


def refuse_beyond(workspace_id: uuid.UUID, *instants: datetime | None) -> None:
    """Raise BeyondRetention, which names the horizon, where one of the instants lies before it."""
    asked = [instant for instant in instants if instant is not None]
    if not asked:
        return
    horizon = kept_from(workspace_id)
    if horizon is not None and min(asked) < horizon:
        raise BeyondRetention(f"This workspace keeps readings from {iso(horizon)} on.")


def kept_from(workspace_id: uuid.UUID) -> datetime | None:
    """Return the horizon; None where all is kept."""
    return Workspace.objects.values_list("readings_from", flat=True).get(pk=workspace_id)
