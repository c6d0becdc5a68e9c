"""What is stored of KPIs: definitions, readings, bindings, and where readings come from."""

from kpis.models.audience import AudienceView, Snapshot
from kpis.models.bindings import Binding, BindingState, BindingTerm, Rule
from kpis.models.definitions import Kpi, KpiRevision, Series
from kpis.models.feeds import InboundEndpoint, InboundEvent, Source, SourceRun
from kpis.models.findings import Finding, FindingChange

__all__ = [
    "AudienceView",
    "Binding",
    "BindingState",
    "BindingTerm",
    "Finding",
    "FindingChange",
    "InboundEndpoint",
    "InboundEvent",
    "Kpi",
    "KpiRevision",
    "Rule",
    "Series",
    "Snapshot",
    "Source",
    "SourceRun",
]
