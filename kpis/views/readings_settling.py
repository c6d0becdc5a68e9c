"""What somebody decides about a reading that was recorded: it is right, or it is taken back."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from rest_framework.request import Request

from kpis.actions.figures_confirmed import confirm_figure, refuse_retraction
from kpis.actions.readings_settling import confirm_reading, retract_reading
from kpis.queries import readings
from kpis.queries.figures import figure_of
from kpis.queries.points_plan import Clocks
from kpis.serializers.clocks import BEYOND_RETENTION
from kpis.serializers.readings import SettleIn
from kpis.serializers.readings_answer import ReadingOut, figure_out, reading_out
from kpis.series.figure_id import PREFIX
from kpis.views.readings import TAG
from service.http import ApiView
from service.openapi import operation


class ReadingSettling(ApiView):
    """What the views share that decide about one reading, or a figure that no single one has."""

    scopes = {"POST": "readings:write"}

    def settled(self, settle: Callable[..., str], text: str) -> HttpResponseBase:
        values = self.body(SettleIn)
        made = settle(
            workspace_id=self.workspace_id,
            text=text,
            reason=values.get("reason"),
            cause=self.caller.credential_id,
            at=self.at,
        )
        if made.startswith(PREFIX):
            shown = figure_out(figure_of(self.workspace_id, made, Clocks(self.at, None)))
        else:
            shown = dict(reading_out(readings.reading(self.workspace_id, made)))
        return self.shown(shown, status=201, location=f"/v1/readings/{made}")


class ReadingConfirmation(ReadingSettling):
    @operation(
        "confirmReading",
        "Confirm a suspect reading",
        description=(
            "A reading beyond what its KPI says is plausible waits for this: from now on it is judged and "
            "summed. Answers the row that says so; `known_at` still tells what was shown before. A figure "
            "that many readings make is confirmed the same way, by the id in its point's `suspect`."
        ),
        body=SettleIn,
        created=ReadingOut,
        tag=TAG,
        responses=BEYOND_RETENTION,
    )
    def post(self, request: Request, reading_id: str) -> HttpResponseBase:
        confirm = confirm_figure if reading_id.startswith(PREFIX) else confirm_reading
        return self.settled(confirm, reading_id)


class ReadingRetraction(ReadingSettling):
    @operation(
        "retractReading",
        "Take back a reading",
        description="Of any feed, by the id of the reading that holds. Answers the row that takes it back.",
        body=SettleIn,
        created=ReadingOut,
        tag=TAG,
        responses=BEYOND_RETENTION,
    )
    def post(self, request: Request, reading_id: str) -> HttpResponseBase:
        if reading_id.startswith(PREFIX):
            refuse_retraction(workspace_id=self.workspace_id, text=reading_id)
        return self.settled(retract_reading, reading_id)
