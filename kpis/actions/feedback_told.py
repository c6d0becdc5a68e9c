"""What maps show of what people said is brought up to date."""

from __future__ import annotations

import uuid
from collections import Counter

from django.db import transaction

from journeys.actions.maps import bump_maps
from journeys.actions.redactions import count_erasure
from kpis.actions.feedback_places import Place
from kpis.models.feedback import Feedback, FormerFeedback
from kpis.queries.feedback import maps_that_show
from kpis.queries.sql import execute, statement
from service.kept import forget_kept

_TELL = statement("tell_feedback")


class Moved:
    """By place how many came or went; `tell` brings what maps show up to date.

    erased: words are gone for good, so answers about the past, which are final otherwise, change as well.
    """

    def __init__(self, *, erased: bool = False) -> None:
        self._deltas: Counter[Place] = Counter()
        self._erased = erased

    def add(self, row: Feedback | FormerFeedback, delta: int) -> None:
        self._deltas[Place(row.journey_map_id, row.element_id, row.kpi_id)] += delta

    def tell(self, workspace_id: uuid.UUID) -> None:
        """Call it last in the transaction, as it bumps the maps."""
        if not self._deltas:
            return
        by_subject: dict[uuid.UUID, tuple[Place, int]] = {}
        for place, delta in self._deltas.items():
            before = by_subject.get(place.subject, (place, 0))[1]
            by_subject[place.subject] = place, before + delta
        places = [place for place, _ in by_subject.values()]
        told = {
            "workspace": workspace_id,
            "subjects": list(by_subject),
            "maps": [place.journey_map for place in places],
            "elements": [place.element for place in places],
            "deltas": [delta for _, delta in by_subject.values()],
        }
        execute(_TELL, told)
        maps = {place.journey_map for place in places if place.journey_map}
        kpis = {place.kpi for place in places if place.kpi and place.journey_map is None}
        shown = maps | maps_that_show(workspace_id, kpis)
        if self._erased:
            count_erasure(workspace_id=workspace_id, map_ids=shown)
            transaction.on_commit(forget_kept)
        bump_maps(workspace_id=workspace_id, map_ids=shown)
