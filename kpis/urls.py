"""Every URL of this room: `api` relative to /v1/, `open_paths` relative to /."""

from django.urls import path

from kpis.views import inbound, sources

api = [
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
    path("hooks/<str:token>", inbound.Ingress.as_view()),
]
