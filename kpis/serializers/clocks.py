"""Both clocks as parameters of lists: what was true then, by what was known then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiResponse

from kpis.queries.horizon import BEYOND
from kpis.queries.points_plan import Clocks
from service.errors import Issue, ValidationProblem
from service.fields import Instant
from service.problems import MEDIA_TYPE
from service.serializers import PageQuery, ProblemOut, Query

BEYOND_RETENTION = {(410, MEDIA_TYPE): OpenApiResponse(ProblemOut, BEYOND)}
"""What an operation declares that reads figures of an instant."""


class ClockQuery(Query):
    as_of = Instant(required=False, help_text="What was true then; now when left out.")
    known_at = Instant(required=False, help_text="By what had been recorded then; by all when left out.")


class PastQuery(PageQuery, ClockQuery):
    """A page of what is, or was."""


def clocks_of(params: Mapping[str, Any], *, at: datetime) -> Clocks | None:
    """Return the instants that checked parameters name, None where they name none; `at` is now.

    What was known at an instant speaks of that instant unless another one is named. Raises ValidationProblem.
    """
    as_of, known_at = params.get("as_of"), params.get("known_at")
    if issues := future_issues(params, at=at):
        raise ValidationProblem(issues)
    instant = as_of or known_at
    return None if instant is None else Clocks(instant, known_at)


def future_issues(params: Mapping[str, Any], *, at: datetime) -> list[Issue]:
    """Return what is wrong with instants that lie ahead of `at`."""
    return [
        Issue(f"/{name}", "in_the_future", "The future is not known: ask for an instant up to now.")
        for name in ("as_of", "known_at")
        if params.get(name) and params[name] > at
    ]
