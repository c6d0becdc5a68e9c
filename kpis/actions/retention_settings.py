"""How long a workspace keeps what is not for ever: said by its administrators, and kept among its limits.

The hourly runs go by these (`retention`, `feeds_kept`, `service.retention`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kpis.actions.feeds_kept import BODY_DAYS, RUN_DAYS
from kpis.actions.retention import LIMIT
from kpis.queries.feeds import MESSAGE_DAYS, MESSAGE_DAYS_LEAST
from service.models import Workspace
from service.preconditions import IfMatch
from service.retention import EVENT_DAYS
from service.workspaces import change_workspace

MONTHS_MOST, DAYS_MOST = 1_200, 36_500


@dataclass(frozen=True, slots=True)
class Term:
    """What a workspace may say: from `least` to `most`; nothing is `default`, None is for ever."""

    default: int | None
    most: int
    least: int = 1


TERMS: Mapping[str, Term] = {
    LIMIT: Term(None, MONTHS_MOST),
    "source_run_days": Term(RUN_DAYS, DAYS_MOST),
    "inbound_body_days": Term(BODY_DAYS, DAYS_MOST),
    "inbound_event_days": Term(MESSAGE_DAYS, DAYS_MOST, MESSAGE_DAYS_LEAST),
    "event_days": Term(EVENT_DAYS, DAYS_MOST),
}


def said_terms(workspace: Workspace) -> dict[str, int]:
    """Return what the workspace says, by TERMS; what it leaves to the default is left out."""
    return {name: int(workspace.limits[name]) for name in TERMS if name in workspace.limits}


@transaction.atomic(savepoint=False)
def change_terms(
    *, workspace_id: uuid.UUID, values: Mapping[str, int], expected: IfMatch, at: datetime
) -> Workspace:
    """Say all terms anew; what `values` leave out is the default's again. Other limits stay.

    Raises PreconditionFailed.
    """
    held = Workspace.objects.select_for_update().get(pk=workspace_id).limits
    limits = {name: limit for name, limit in held.items() if name not in TERMS} | dict(values)
    return change_workspace(workspace_id=workspace_id, values={"limits": limits}, expected=expected, at=at)
