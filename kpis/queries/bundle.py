"""A bundle of a workspace: the maps' sections, then this room's; what it leaves out, and why."""

from __future__ import annotations

import uuid

from django.db import models

from journeys.queries.bundle import MAP_MODELS, MAP_SECTIONS
from kpis.models import (
    AudienceView,
    Binding,
    BindingTerm,
    CoverageFloor,
    Feedback,
    FeedbackSettings,
    FeedbackTally,
    FigureConfirmation,
    Finding,
    FindingChange,
    FormerFeedback,
    Improvement,
    ImprovementTerm,
    InboundEndpoint,
    InboundEvent,
    Kpi,
    KpiRevision,
    Notice,
    Rule,
    Series,
    Silence,
    Snapshot,
    Source,
    SourceBackfill,
    SourceRun,
    SourceStretch,
)
from kpis.models.bindings import FeedTurn
from kpis.models.inbound import InboundClaim, InboundRules, InboundRun
from kpis.queries.sql import statement
from service.bundle.export import Export, Section
from service.bundle.lines import NotIncluded
from service.bundle.tables import Table

KPIS = Table("kpis", Kpi)
REVISIONS = Table("kpi_revisions", KpiRevision, order="kpi_id, number")
BINDINGS = Table("bindings", Binding)
TERMS = Table("binding_terms", BindingTerm, order="id")
RULES = Table("rules", Rule, order="id")
SOURCES = Table(
    "sources",
    Source,
    omit=frozenset({"secret"}),
    said={"needs_secret": "secret IS NOT NULL OR needs_secret"},
)
# Without a secret, where its provider has one, an endpoint holds what it gets until the secret is set.
ENDPOINTS = Table(
    "inbound_endpoints",
    InboundEndpoint,
    omit=frozenset({"secret", "previous_secret", "previous_expires_at", "fetch_secret"}),
)
INBOUND_RULES = Table("inbound_rules", InboundRules, order="endpoint_id, version")
TURNS = Table("feed_turns", FeedTurn, order="id")
VIEWS = Table("views", AudienceView)
SNAPSHOTS = Table("snapshots", Snapshot)
NOTICES = Table("notices", Notice)
SILENCES = Table("silences", Silence)
IMPROVEMENTS = Table("improvements", Improvement)
IMPROVEMENT_TERMS = Table("improvement_terms", ImprovementTerm, order="id")
FLOORS = Table("coverage_floors", CoverageFloor)
CONFIRMATIONS = Table("figure_confirmations", FigureConfirmation, order="recorded_at, id")
SERIES, READINGS = "series", "readings"

KPI_TABLES = (
    KPIS,
    REVISIONS,
    BINDINGS,
    TERMS,
    RULES,
    SOURCES,
    ENDPOINTS,
    INBOUND_RULES,
    TURNS,
    VIEWS,
    SNAPSHOTS,
    NOTICES,
    SILENCES,
    IMPROVEMENTS,
    IMPROVEMENT_TERMS,
    FLOORS,
    CONFIRMATIONS,
)
KPI_SECTIONS = tuple(Section(each.name, each.select) for each in KPI_TABLES)
READING_SECTIONS = (
    Section(SERIES, statement("bundle_series")),
    Section(READINGS, statement("bundle_readings"), batch=1000),
)
SECTIONS: tuple[Section, ...] = (*MAP_SECTIONS, *KPI_SECTIONS, *READING_SECTIONS)
MODELS: tuple[type[models.Model], ...] = (
    *MAP_MODELS,
    *(each.model for each in KPI_TABLES),
    Series,
    SourceRun,
    SourceBackfill,
    SourceStretch,
    Finding,
    FindingChange,
    Feedback,
    FormerFeedback,
    FeedbackTally,
    FeedbackSettings,
    InboundEvent,
    InboundRun,
    InboundClaim,
)
"""A workspace that has any of these is not empty."""

_ALWAYS = (
    NotIncluded("api_keys", "Credentials belong to the service that made them: make new ones."),
    NotIncluded("view_tokens", "Links are credentials: make new ones for the imported views."),
    NotIncluded("secrets", "They are sealed by this service: set those of sources and endpoints anew."),
    NotIncluded("inbound_urls", "Their paths are credentials: rotate an endpoint's token to get its URL."),
    NotIncluded("limits", "They are the operator's; how long what is kept is settled anew."),
    NotIncluded("events", "The feed tells what happened here; its cursors are void elsewhere."),
    NotIncluded("source_runs", "They tell what was pulled here."),
    NotIncluded(
        "source_stretches", "They tell what has been read here of a pull of many pages; it begins anew."
    ),
    NotIncluded("source_backfills", "They tell how far each was here; what they brought are readings."),
    NotIncluded(
        "findings", "They tell what was noticed here, and by whom it was seen to; it is noticed anew."
    ),
    NotIncluded(
        "feedback", "What people said stays where they said it, with how long it is kept: read /v1/feedback."
    ),
    NotIncluded("inbound_events", "Messages as received here; the readings made of them are readings."),
    NotIncluded("erasures", "They tell what was redacted and purged here: it is in no bundle."),
    NotIncluded("renditions", "Pictures are drawn anew where they are asked for."),
    NotIncluded("stored_answers", "Repeats of a request are answered where it was made."),
    NotIncluded("states_and_rollups", "They are worked out anew from what is in the bundle."),
    NotIncluded("reading_ids", "Readings travel with both their clocks and get new ids."),
)
_READINGS = NotIncluded("readings", "Ask for them with readings=true.")


def export_workspace(*, workspace_id: uuid.UUID, readings: bool) -> Export:
    """Return the bundle as a stream of bytes. Raises ExportUnderWay."""
    sections = SECTIONS if readings else (*MAP_SECTIONS, *KPI_SECTIONS)
    return Export(workspace_id, sections, _ALWAYS if readings else (*_ALWAYS, _READINGS))
