"""What is stored of KPIs: definitions, readings, bindings, and where readings come from."""

from kpis.models.audience import AudienceView, Snapshot
from kpis.models.bindings import Binding, BindingState, BindingTerm, Rule
from kpis.models.confirmations import FigureConfirmation
from kpis.models.definitions import Kpi, KpiRevision, Series
from kpis.models.feedback import Feedback, FeedbackSettings, FeedbackTally, FormerFeedback
from kpis.models.findings import Finding, FindingChange
from kpis.models.improvements import Improvement, ImprovementTerm
from kpis.models.inbound import InboundEndpoint, InboundEvent
from kpis.models.judgement import CoverageFloor
from kpis.models.notices import Notice, Silence
from kpis.models.sources import Source, SourceBackfill, SourceRun, SourceStretch

__all__ = [
    "AudienceView",
    "Binding",
    "BindingState",
    "BindingTerm",
    "CoverageFloor",
    "Feedback",
    "FeedbackSettings",
    "FeedbackTally",
    "FigureConfirmation",
    "Finding",
    "FindingChange",
    "FormerFeedback",
    "Improvement",
    "ImprovementTerm",
    "InboundEndpoint",
    "InboundEvent",
    "Kpi",
    "KpiRevision",
    "Notice",
    "Rule",
    "Series",
    "Silence",
    "Snapshot",
    "Source",
    "SourceBackfill",
    "SourceRun",
    "SourceStretch",
]
