"""Every URL of this room, relative to /v1/."""

from django.urls import path

from journeys.views import drafts, elements, maps, personas, versions

_MAP = "journey-maps/<str:ref>"
_STAGE = f"{_MAP}/draft/stages/<str:element>"
_TOUCHPOINT = f"{_MAP}/draft/touchpoints/<str:element>"

api = [
    path("journey-maps", maps.MapList.as_view()),
    path(_MAP, maps.MapDetail.as_view()),
    path(f"{_MAP}/draft", drafts.DraftDetail.as_view()),
    path(f"{_MAP}/draft/stages", elements.StageList.as_view()),
    path(_STAGE, elements.StageDetail.as_view()),
    path(f"{_STAGE}/moves", elements.StageMove.as_view()),
    path(f"{_MAP}/draft/touchpoints", elements.TouchpointList.as_view()),
    path(_TOUCHPOINT, elements.TouchpointDetail.as_view()),
    path(f"{_TOUCHPOINT}/moves", elements.TouchpointMove.as_view()),
    path(f"{_MAP}/versions", versions.VersionList.as_view()),
    path(f"{_MAP}/versions/<str:version>", versions.VersionDetail.as_view()),
    path(f"{_MAP}/versions/<str:version>/drawing", versions.VersionDrawing.as_view()),
    path("personas", personas.PersonaList.as_view()),
    path("personas/<str:ref>", personas.PersonaDetail.as_view()),
    path("view-tokens", maps.ViewTokenList.as_view()),
    path("view-tokens/<uuid:token_id>", maps.ViewTokenDetail.as_view()),
]
