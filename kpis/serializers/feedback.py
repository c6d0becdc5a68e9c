"""What people said, in and out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from kpis.actions.feedback import CONFLICTS, Outcome
from kpis.actions.feedback_pins import Pinned
from kpis.models.feedback import Feedback
from kpis.serializers.clocks import ClockQuery
from kpis.serializers.readings import SelectorParam
from service.errors import Issue
from service.fields import Instant, StrictBoolean, StrictChar, StrictNumber
from service.preconditions import etag_of
from service.serializers import IssueOut, PageQuery, Part, Query

MOST_ITEMS = 1000
MOST_TEXT = 10_000
_STATUS = {"created": 201, "duplicate": 200, "corrected": 201}
_PLACE = "Id or key. "


class FeedbackIn(Part):
    """What somebody said, and where it belongs: an element, a map or a KPI, or a place and a KPI."""

    text = StrictChar(max_length=MOST_TEXT)
    score = StrictNumber(
        required=False, min_value=-1e9, max_value=1e9, help_text="Given with it, on the asker's own scale."
    )
    sentiment = StrictNumber(
        required=False, min_value=-1, max_value=1, help_text="As somebody judged it: -1 to +1."
    )
    channel = StrictChar(required=False, max_length=64, help_text="How it was said: survey, mail, chat …")
    journey_map = StrictChar(required=False, max_length=64, help_text=_PLACE + "Of the map as a whole.")
    element = StrictChar(
        required=False,
        max_length=64,
        help_text=_PLACE + "A stage or touchpoint; by its key beside the journey_map that it is in.",
    )
    kpi = StrictChar(
        required=False,
        max_length=64,
        help_text=_PLACE + "Shown where the KPI is bound, unless it has a place.",
    )
    labels = serializers.DictField(
        child=StrictChar(max_length=200), required=False, help_text="Who said it, as the KPI's readings say."
    )
    observed_at = Instant(required=False, help_text="When it was said; now when left out.")
    external_id = StrictChar(
        required=False, max_length=255, help_text="The sender's own id; a repeat of it counts once."
    )
    solicited = StrictBoolean(required=False, help_text="Whether they were asked.")


class FeedbackBatchBody(Part):
    items = serializers.ListField(child=FeedbackIn(), min_length=1, max_length=MOST_ITEMS)


class PinIn(Part):
    """Where it becomes a quote of the draft."""

    journey_map = StrictChar(
        required=False, max_length=64, help_text=_PLACE + "Left out: the map that it was said of."
    )
    element = StrictChar(
        required=False, max_length=64, help_text=_PLACE + "A touchpoint. Left out: where it was said."
    )
    excerpt = StrictChar(
        required=False,
        max_length=2000,
        help_text="The part that is quoted, word for word. Left out: the whole, of at most 2000 characters.",
    )


class PinOut(serializers.Serializer[Any]):
    journey_map = serializers.UUIDField()
    element = serializers.UUIDField()
    item = serializers.UUIDField(help_text="The quote's id in the document; a redaction names it.")


class PinnedOut(PinOut):
    quote = serializers.CharField()
    draft_etag = serializers.CharField(help_text="Of the draft after this.")


class FeedbackOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    text = serializers.CharField(
        help_text="Personal data as `hidden` names is replaced by [email], [phone] …"
    )
    hidden = serializers.ListField(child=serializers.CharField())
    score = serializers.FloatField(allow_null=True)
    sentiment = serializers.FloatField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    journey_map = serializers.UUIDField(allow_null=True)
    element = serializers.UUIDField(allow_null=True)
    kpi = serializers.UUIDField(allow_null=True)
    labels = serializers.DictField(child=serializers.CharField())
    observed_at = serializers.DateTimeField()
    external_id = serializers.CharField(allow_null=True)
    solicited = serializers.BooleanField(allow_null=True)
    pins = PinOut(many=True, help_text="Where it was made a quote of a draft, by now.")
    origin = serializers.UUIDField(allow_null=True, help_text="The inbound endpoint; null: the API.")
    etag = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class FeedbackRecordedOut(FeedbackOut):
    outcome = serializers.CharField(help_text="created, duplicate or corrected.")


class FeedbackCountsOut(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    corrected = serializers.IntegerField()
    refused = serializers.IntegerField()


class FeedbackItemOut(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Of a CSV: the row, the first below its header is 0.")
    status = serializers.IntegerField(help_text="As it would be of this item alone: 201, 200, 409 or 400.")
    outcome = serializers.CharField(help_text="created, duplicate, corrected or refused.")
    id = serializers.UUIDField(allow_null=True)
    errors = IssueOut(many=True)  # type: ignore[assignment]


class FeedbackBatchOut(serializers.Serializer[Any]):
    counts = FeedbackCountsOut()
    results = FeedbackItemOut(many=True)


class FeedbackRecordQuery(Query):
    on_conflict = serializers.ChoiceField(
        ["refuse", "correct"],
        required=False,
        default="refuse",
        help_text="What happens to another text under a known external id: 409, or it corrects.",
    )


_WORDS_OF = "In the words that were known then, without what was erased since; in those of now when left out."
_SAID_BY = "Said by then, as far as was known at `known_at`; all when left out."


class FeedbackPastQuery(ClockQuery):
    as_of = Instant(required=False, help_text=_SAID_BY)
    known_at = Instant(required=False, help_text=_WORDS_OF)


class FeedbackQuery(PageQuery, FeedbackPastQuery):
    journey_map = StrictChar(required=False, max_length=64, help_text="Id or key.")
    element = StrictChar(
        required=False,
        max_length=64,
        help_text="Id or key of an element of `journey_map`, which is named too.",
    )
    kpi = StrictChar(required=False, max_length=64, help_text="Id or key.")
    bound = serializers.ChoiceField(
        ["true", "false"],
        required=False,
        help_text="true: beside what was said to `kpi`, what was said where it is bound.",
    )
    to = Instant(required=False, help_text="Said earlier.")
    labels = SelectorParam(
        required=False,
        help_text='JSON object: these labels, among others; "*" is any value.',
    )
    solicited = serializers.ChoiceField(["true", "false"], required=False)
    external_id = StrictChar(required=False, max_length=255)
    q = StrictChar(required=False, max_length=200, help_text="The text has this in it, in either case.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": Instant(required=False, help_text="Said then or later."), **super().get_fields()}


def feedback_out(row: Feedback) -> dict[str, Any]:
    names = (
        "id", "text", "hidden", "score", "sentiment", "labels", "observed_at", "external_id", "solicited",
        "pins", "origin", "created_at", "updated_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {
        "channel": row.channel or None,
        "journey_map": row.journey_map_id,
        "element": row.element_id,
        "kpi": row.kpi_id,
        "etag": etag_of(row),
    }


def status_of(outcome: Outcome) -> int:
    """Return the HTTP status of one item: what is wrong with it comes before what it conflicts with."""
    if outcome.status != "refused":
        return _STATUS[outcome.status]
    return 409 if all(issue.code in CONFLICTS for issue in outcome.issues) else 400


def batch_out(outcomes: Sequence[Outcome], misformed: Mapping[int, Sequence[Issue]]) -> dict[str, Any]:
    """Return the answer to a batch. misformed: by index what is wrong with items that are none."""
    rest = (index for index in range(len(outcomes) + len(misformed)) if index not in misformed)
    told = [_item(index, one) for index, one in zip(rest, outcomes, strict=True)]
    told += [_item(index, Outcome(index, "refused", None, tuple(said))) for index, said in misformed.items()]
    counts = dict.fromkeys((*_STATUS, "refused"), 0) | Counter(one["outcome"] for one in told)
    return {"counts": counts, "results": sorted(told, key=lambda one: int(one["index"]))}


def _item(index: int, one: Outcome) -> dict[str, Any]:
    return {
        "index": index,
        "status": status_of(one),
        "outcome": one.status,
        "id": one.row.id if one.row else None,
        "errors": [
            {"pointer": issue.pointer, "code": issue.code, "detail": issue.detail} for issue in one.issues
        ],
    }


def pinned_out(pinned: Pinned) -> dict[str, Any]:
    return {name: getattr(pinned, name) for name in PinnedOut._declared_fields}
