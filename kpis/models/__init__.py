"""What is stored of KPIs: definitions, readings, bindings, and where readings come from."""

from kpis.models.audience import AudienceView, Snapshot
from kpis.models.bindings import Binding, BindingState, BindingTerm, Rule
from kpis.models.definitions import Kpi, KpiRevision, Series
from kpis.models.feeds import InboundEndpoint, InboundEvent, Source, SourceRun

__all__ = [
    "AudienceView",
    "Binding",
    "BindingState",
    "BindingTerm",
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
