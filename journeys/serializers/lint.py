"""Advice about a map: remarks, and how complete, covered and grounded it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from rest_framework import serializers

from journeys import queries
from journeys.document.elements import Stage
from journeys.document.lint import Evidence, Measured, completeness, coverage, evidence, lint
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.queries import Moment
from journeys.serializers.differences import MomentOut, SayingMomentName, moment_out
from service.renderers import encode
from service.serializers import Query

_SHARE = "Share 0 … 1"


class LintQuery(Query):
    moment = SayingMomentName(
        required=False,
        max_length=200,
        help_text="A version's number or id, `latest`, `draft`, or an instant (what was published last "
        "then). When left out: the draft.",
    )


class DifferenceOut(serializers.Serializer[Any]):
    """A member of a persona that reads otherwise in the library."""

    field = serializers.CharField()
    here = serializers.JSONField(allow_null=True, help_text="As the map has it; null where absent.")
    library = serializers.JSONField(
        allow_null=True, help_text="As the library has it now; null where absent."
    )


class RemarkOut(serializers.Serializer[Any]):
    """What is weak, where, and what to do about it."""

    code = serializers.CharField(
        help_text="map_without_persona, stage_without_goal, touchpoint_without_kpi, process_jargon, "
        "label_too_long, review_overdue, persona_outdated, nothing_researched … More may be added."
    )
    severity = serializers.CharField(help_text="warning: the map misleads or is silent there; hint.")
    detail = serializers.CharField(help_text="What to do, in a sentence.")
    pointer = serializers.CharField(help_text="JSON Pointer into the document; empty for all of it.")
    element = serializers.UUIDField(allow_null=True, help_text="Stage or touchpoint; null for the map.")
    kind = serializers.CharField(allow_null=True, help_text="stage or touchpoint; null for the map.")
    name = serializers.CharField(help_text="Of the element or persona; empty for the map.")
    differences = DifferenceOut(many=True, help_text="Of an outdated persona, else empty.")


class StepOut(serializers.Serializer[Any]):
    """One of the five steps in which a map is built."""

    step = serializers.CharField(help_text="personas, goals, touchpoints, data, action.")
    share = serializers.FloatField(help_text=f"{_SHARE} of its checks that hold.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="The checks that do not hold.")


class CompletenessOut(serializers.Serializer[Any]):
    share = serializers.FloatField(help_text="Mean of the steps.")
    steps = StepOut(many=True)


class KpiCoverageOut(serializers.Serializer[Any]):
    measured = serializers.IntegerField(help_text="Touchpoints with at least one KPI.")
    share = serializers.FloatField(allow_null=True, help_text=f"{_SHARE}; null without touchpoints.")


class CoverageOut(serializers.Serializer[Any]):
    """What is used of what there is."""

    touchpoints = serializers.IntegerField()
    stages_missing = serializers.ListField(
        child=serializers.CharField(), help_text="Words of the map's stage vocabulary that no stage bears."
    )
    channels = serializers.DictField(child=serializers.IntegerField(), help_text="Touchpoints by channel.")
    without_channel = serializers.IntegerField()
    kpis = KpiCoverageOut(allow_null=True, help_text="Null where no KPIs are kept.")


class EvidenceOut(serializers.Serializer[Any]):
    """What statements (items, opportunities, quotes, emotions) rest on."""

    total = serializers.IntegerField()
    researched = serializers.IntegerField(help_text="Those that are more than assumed.")
    share = serializers.FloatField(
        allow_null=True, help_text="The evidence score: researched / total; null where nothing is stated."
    )
    by = serializers.DictField(child=serializers.IntegerField(), help_text="Statements by evidence.")


class StageEvidenceOut(EvidenceOut):
    element = serializers.UUIDField()
    name = serializers.CharField()


class MapEvidenceOut(EvidenceOut):
    stages = StageEvidenceOut(many=True)


class LintOut(serializers.Serializer[Any]):
    """Advice about one moment of a map; nothing here keeps it from being published."""

    moment = MomentOut()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Remarks by severity.")
    remarks = RemarkOut(many=True, help_text="Warnings first, each group in the order drawn.")
    completeness = CompletenessOut()
    coverage = CoverageOut()
    evidence = MapEvidenceOut()
    etag = serializers.CharField()


def lint_out(moment: Moment, *, measured: Measured, today: date) -> dict[str, Any]:
    """Return all advice about a moment. measured: elements with KPIs, None where none are kept."""
    document = parse(moment.content)
    workspace_id = moment.journey_map.workspace_id
    library = queries.snapshots(workspace_id, [entry.id for entry in document.personas if entry.id])
    remarks = lint(document, today=today, measured=measured, library=library)
    found = coverage(document, stage_words=_stage_words(workspace_id, document), measured=measured)
    complete = completeness(document, measured)
    shown: dict[str, Any] = {
        "moment": moment_out(moment),
        "counts": {
            severity: sum(remark.severity == severity for remark in remarks)
            for severity in ("warning", "hint")
        },
        "remarks": [asdict(remark) for remark in remarks],
        "completeness": {
            "share": complete.share,
            "steps": [
                {"step": step.key, "share": step.share, "missing": step.missing} for step in complete.steps
            ],
        },
        "coverage": {
            "touchpoints": found.touchpoints,
            "stages_missing": found.stages_missing,
            "channels": found.channels,
            "without_channel": found.without_channel,
            "kpis": None
            if found.measured is None
            else {"measured": found.measured, "share": found.measured_share},
        },
        "evidence": {
            **_evidence_out(evidence(document.touchpoints())),
            "stages": [_stage_evidence(stage) for stage in document.stages],
        },
    }
    return {**shown, "etag": f'W/"{hashlib.sha256(encode(shown)).hexdigest()[:32]}"'}


def _stage_words(workspace_id: UUID, document: Document) -> Mapping[str, str]:
    if not document.stage_vocabulary:
        return {}
    known = queries.vocabularies(workspace_id, kind="stages")
    entry = next((one.entry for one in known if one.entry.key == document.stage_vocabulary), None)
    return {word.key: word.label for word in entry.words} if entry else {}


def _evidence_out(found: Evidence) -> dict[str, Any]:
    return {"total": found.total, "researched": found.researched, "share": found.share, "by": found.by}


def _stage_evidence(stage: Stage) -> dict[str, Any]:
    return {"element": stage.id, "name": stage.name, **_evidence_out(evidence(stage.touchpoints))}
