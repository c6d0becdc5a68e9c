"""How long what people said is kept, and what is hidden of it: in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.actions.feedback_kept import UNSAID
from kpis.queries.feedback import Keeping
from kpis.series.personal import KINDS
from service.fields import StrictInteger, StrictList
from service.preconditions import etag_of
from service.serializers import READ_ONLY, In


class FeedbackSettingsIn(In):
    echoes = READ_ONLY

    retention_days = StrictInteger(
        required=False,
        min_value=1,
        max_value=36_500,
        help_text="What was said longer ago is deleted within the hour; left out: kept.",
    )
    hide = StrictList(
        child=serializers.ChoiceField(KINDS),
        max_length=len(KINDS),
        help_text="Personal data that is taken out of texts before they are stored.",
    )


class FeedbackSettingsOut(serializers.Serializer[Any]):
    retention_days = serializers.IntegerField(allow_null=True)
    hide = serializers.ListField(child=serializers.CharField())
    etag = serializers.CharField()


def settings_out(kept: Keeping) -> dict[str, Any]:
    etag = UNSAID if kept.row is None else etag_of(kept.row)
    return {"retention_days": kept.retention_days, "hide": list(kept.hide), "etag": etag}


def settings_given(kept: Keeping) -> dict[str, Any]:
    """Return what a PATCH merges into."""
    given: dict[str, Any] = {"hide": list(kept.hide)}
    return given if kept.retention_days is None else given | {"retention_days": kept.retention_days}
