"""What is stored of KPIs: definitions, readings, bindings, and where readings come from."""

from kpis.models.bindings import Binding, BindingState, BindingTerm, Rule
from kpis.models.definitions import Kpi, KpiRevision, Series

__all__ = ["Binding", "BindingState", "BindingTerm", "Kpi", "KpiRevision", "Rule", "Series"]
