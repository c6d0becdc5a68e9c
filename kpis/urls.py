"""Every URL of this room: `api` relative to /v1/, `open_paths` relative to /."""

from django.urls import path

from kpis.views import (
    audience,
    audience_live,
    bindings,
    inbound,
    kpis,
    kpis_points,
    lint,
    live,
    page,
    readings,
    restorations,
    sources,
    versions,
)

api = [
    path("kpis", kpis.KpiList.as_view()),
    path("kpis/<str:ref>", kpis.KpiDetail.as_view()),
    path("kpis/<str:ref>/series", kpis_points.KpiSeries.as_view()),
    path("kpis/<str:ref>/points", kpis_points.KpiPoints.as_view()),
    path("kpi-kinds", kpis.KindList.as_view()),
    path("readings", readings.ReadingList.as_view()),
    path("readings/batch", readings.ReadingBatch.as_view()),
    path("readings/<str:reading_id>", readings.ReadingDetail.as_view()),
    path("journey-maps/<str:ref>/bindings", bindings.MapBindingList.as_view()),
    path("journey-maps/<str:ref>/lint", lint.MapLint.as_view()),
    path("journey-maps/<str:ref>/live", live.LiveMap.as_view()),
    path("journey-maps/<str:ref>/restorations", restorations.RestorationList.as_view()),
    path("journey-maps/<str:ref>/versions", versions.VersionList.as_view()),
    path("views", audience.ViewList.as_view()),
    path("views/<str:ref>", audience.ViewDetail.as_view()),
    path("views/<str:ref>/live", audience_live.ViewLive.as_view()),
    path("views/<str:ref>/tokens", audience.ViewTokenList.as_view()),
    path("views/<str:ref>/tokens/<uuid:token_id>", audience.ViewTokenDetail.as_view()),
    path("bindings", bindings.BindingList.as_view()),
    path("bindings/<str:ref>", bindings.BindingDetail.as_view()),
    path("sources", sources.SourceList.as_view()),
    path("sources/<str:ref>", sources.SourceDetail.as_view()),
    path("sources/<str:ref>/tests", sources.SourceTest.as_view()),
    path("sources/<str:ref>/runs", sources.SourceRunList.as_view()),
    path("inbound-endpoints", inbound.EndpointList.as_view()),
    path("inbound-endpoints/<str:ref>", inbound.EndpointDetail.as_view()),
    path("inbound-endpoints/<str:ref>/secret-rotations", inbound.EndpointRotation.as_view()),
    path("inbound-endpoints/<str:ref>/tests", inbound.EndpointTest.as_view()),
    path("inbound-events", inbound.InboundEventList.as_view()),
    path("inbound-events/<uuid:event_id>", inbound.InboundEventDetail.as_view()),
    path("inbound-events/<uuid:event_id>/replays", inbound.InboundEventReplay.as_view()),
]

open_paths = [
    path("p/<str:token>", page.Entrance.as_view()),
    path("view/<uuid:view_id>/", page.Page.as_view()),
    path("view/<uuid:view_id>/map.<str:suffix>", page.Page.as_view()),
    path("hooks/<str:token>", inbound.Ingress.as_view()),
]
