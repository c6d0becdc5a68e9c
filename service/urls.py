"""Every URL of this room, relative to /v1/ (api) and / (probes)."""

from django.urls import path

from service.views import health, keys, workspace

api = [
    path("me", workspace.Me.as_view()),
    path("workspace", workspace.WorkspaceDetail.as_view()),
    path("events", workspace.EventList.as_view()),
    path("api-keys", keys.ApiKeyList.as_view()),
    path("api-keys/<uuid:key_id>", keys.ApiKeyDetail.as_view()),
    path("api-keys/<uuid:key_id>/rotations", keys.ApiKeyRotation.as_view()),
]
probes = [
    path("livez", health.Livez.as_view()),
    path("readyz", health.Readyz.as_view()),
    path("metrics", health.Metrics.as_view()),
]
