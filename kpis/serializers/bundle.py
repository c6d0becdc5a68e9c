"""Bundles in and out: what is asked and answered, and what rows must be beside their columns."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from rest_framework import serializers

from kpis.actions.bundle import Imported
from kpis.models.judgement import WHOLE
from kpis.queries import bundle
from kpis.queries.audience_shows import read_shows
from kpis.serializers.audience import MAP, OVERVIEW, ViewIn
from kpis.serializers.feeds import SourceIn
from kpis.serializers.improvements import ImprovementIn
from kpis.serializers.inbound import EndpointIn
from kpis.serializers.inbound_events import TrialIn
from kpis.serializers.notices import NoticeIn, SilenceIn
from kpis.series.figure_id import parse_figure
from kpis.series.finding import Severity
from kpis.series.labels import check_selector
from service.bundle.lines import InvalidBundle, Reader
from service.bundle.tables import Check
from service.errors import Issue, ValidationProblem
from service.serializers import In, Query, WorkspaceIn, checked


class _StoredSelector(msgspec.Struct, forbid_unknown_fields=True):
    kinds: list[str] = []
    severity: Severity = "info"
    kpis: list[uuid.UUID] = []
    sources: list[uuid.UUID] = []
    journey_maps: list[uuid.UUID] = []
    labels: dict[str, str] = {}


class BundleQuery(Query):
    readings = serializers.BooleanField(
        required=False, default=False, help_text="Whether series and readings are carried, too."
    )


class NeedsSecretOut(serializers.Serializer[Any]):
    sources = serializers.ListField(
        child=serializers.UUIDField(), help_text="Not pulled before their secret is set, or null."
    )
    inbound_endpoints = serializers.ListField(
        child=serializers.UUIDField(), help_text="They hold what they get until their secret is rotated."
    )


class BundleImportOut(serializers.Serializer[Any]):
    """What a workspace was filled with."""

    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by section.")
    needs_secret = NeedsSecretOut()


def import_out(done: Imported) -> dict[str, Any]:
    secrets = {"sources": done.sources, "inbound_endpoints": done.endpoints}
    return {"counts": done.counts, "needs_secret": secrets}


def settings_of(reader: Reader) -> dict[str, Any]:
    """Return what a bundle says of the workspace itself, checked. Raises InvalidBundle."""
    said = reader.header.workspace
    given = {"name": said.name, "zone": said.zone, "history_from": said.history_from.isoformat()}
    try:
        return checked(WorkspaceIn, given)
    except ValidationProblem as refused:
        raise InvalidBundle(1, *(issue.under("/row/workspace") for issue in refused.issues)) from refused


def checks() -> dict[str, Check]:
    """Return by section what its rows must be beside what their columns say."""
    return {
        bundle.SOURCES.name: _check_source,
        bundle.ENDPOINTS.name: _check_endpoint,
        bundle.INBOUND_RULES.name: _check_rules,
        bundle.VIEWS.name: _check_view,
        bundle.SNAPSHOTS.name: _check_shows,
        bundle.NOTICES.name: _check_notice,
        bundle.SILENCES.name: _check_silence,
        bundle.FLOORS.name: _check_floor,
        bundle.CONFIRMATIONS.name: _check_confirmation,
        bundle.BINDINGS.name: _check_binding,
        bundle.TERMS.name: _check_binding,
        bundle.IMPROVEMENTS.name: _check_improvement,
        bundle.IMPROVEMENT_TERMS.name: _check_improvement,
    }


def _check_source(row: Mapping[str, Any]) -> Iterable[Issue]:
    return _as_sent(SourceIn, row)


def _check_endpoint(row: Mapping[str, Any]) -> Iterable[Issue]:
    return _as_sent(EndpointIn, row)


def _check_notice(row: Mapping[str, Any]) -> Iterable[Issue]:
    return [*_as_sent(NoticeIn, row), *_check_selector(row)]


def _check_silence(row: Mapping[str, Any]) -> Iterable[Issue]:
    return [*_as_sent(SilenceIn, row), *_check_selector(row)]


def _check_selector(row: Mapping[str, Any]) -> Iterable[Issue]:
    """What a selector names is stored by ids; archived rows are read as well."""
    try:
        msgspec.convert(row["selector"], _StoredSelector)
    except msgspec.ValidationError as problem:
        return [Issue("/selector", "invalid", str(problem))]
    return ()


def _as_sent(form: type[In], row: Mapping[str, Any]) -> Iterable[Issue]:
    """Ask of a row what a client's is asked. What is archived is shown to nobody any more."""
    if row.get("archived_at") is not None:
        return ()
    given = {name: row[name] for name in map(str, form().fields) if row.get(name) is not None}
    try:
        checked(form, given)
    except ValidationProblem as refused:
        return refused.issues
    return ()


class _StoredAim(msgspec.Struct, forbid_unknown_fields=True):
    kpi: uuid.UUID
    labels: dict[str, str]
    direction: str | None
    by: Decimal | None


def _check_improvement(row: Mapping[str, Any]) -> Iterable[Issue]:
    """Asked of what it says now and of what it said: its KPIs by ids, as they are stored."""
    try:
        msgspec.convert(row["aims"], list[_StoredAim], strict=False)
    except msgspec.ValidationError as problem:
        return [Issue("/aims", "invalid", str(problem))]
    given = {"journey_map": row["journey_map_id"], "at": row["effective_at"], "kpis": row["aims"]}
    more = ("title", "description", "until", "links", "elements")
    try:
        checked(ImprovementIn, given | {name: row[name] for name in more if row.get(name) is not None})
    except ValidationProblem as refused:
        return refused.issues
    return ()


def _check_rules(row: Mapping[str, Any]) -> Iterable[Issue]:
    return _as_sent(TrialIn, {"rules": row["rules"]})


def _check_view(row: Mapping[str, Any]) -> Iterable[Issue]:
    issues = list(_check_shows(row))
    if issues:
        return issues
    whole = row["journey_map_id"]
    kind = {"kind": OVERVIEW} if whole is None else {"kind": MAP, "journey_map": whole}
    given = {**kind, "name": row["name"], **row["shows"]}
    more = {name: row[name] for name in ("history", "embed_origins") if name in row}
    try:
        checked(ViewIn, given | more)
    except ValidationProblem as refused:
        return refused.issues
    return ()


_SHOWS = {
    "stages": list[uuid.UUID] | None,
    "personas": list[uuid.UUID] | None,
    "kpis": list[uuid.UUID] | None,
    "lanes": list[str] | None,
    "evidence": list[str] | None,
    "back_stage": bool,
    "redact": list[str],
}
_SWITCHES = [(name, bool, False) for name in ("tactical", "feedback")]
_LATER = [*_SWITCHES, ("journey_maps", list[uuid.UUID] | None, None)]
_Shows = msgspec.defstruct("_Shows", [*_SHOWS.items(), *_LATER], forbid_unknown_fields=True)


def _check_shows(row: Mapping[str, Any]) -> Iterable[Issue]:
    try:
        msgspec.convert(row["shows"], _Shows)
    except msgspec.ValidationError as error:
        return [Issue("/shows", "invalid", f"{error}.")]
    read_shows(row["shows"])
    return ()


def _check_floor(row: Mapping[str, Any]) -> Iterable[Issue]:
    if (row.get("floor") or 0) > WHOLE:
        return [Issue("/floor", "out_of_range", f"At most {WHOLE}: it is a share in ten-thousandths.")]
    return ()


def _check_confirmation(row: Mapping[str, Any]) -> Iterable[Issue]:
    issues = [issue.under("/labels") for issue in _check_binding({"selector": row.get("labels", {})})]
    if parse_figure(row["value"]) is None:
        issues.append(Issue("/value", "invalid", "A number by its digits, such as 0.125."))
    return issues


def _check_binding(row: Mapping[str, Any]) -> Iterable[Issue]:
    selector = row.get("selector", {})
    if not isinstance(selector, dict) or not all(isinstance(value, str) for value in selector.values()):
        return [Issue("/selector", "invalid", "An object of texts.")]
    return check_selector(selector)
