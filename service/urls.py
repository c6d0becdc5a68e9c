"""Every URL of this room, relative to /v1/ (api) and / (docs, probes)."""

from django.urls import path

from service.views import docs as contract
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
docs = [
    path("openapi.json", contract.OpenApi.as_view()),
    path("docs", contract.TryOut.as_view()),
    path("docs/reference", contract.Reference.as_view()),
    path("docs/errors", contract.Errors.as_view()),
]
