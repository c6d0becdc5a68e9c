"""Every URL of this room, relative to /v1/."""

from django.urls import path

from journeys.views import (
    collections,
    copies,
    differences,
    drafts,
    elements,
    exports,
    imports,
    lint,
    maps,
    merges,
    personas,
    restorations,
    search,
    templates,
    versions,
    vocabularies,
)

_MAP = "journey-maps/<str:ref>"

api = [
    path("journey-maps", maps.JourneyMapList.as_view()),
    path("journey-maps/imports", imports.ImportList.as_view()),
    path(_MAP, maps.JourneyMapDetail.as_view()),
    path(f"{_MAP}/children", maps.JourneyMapChildren.as_view()),
    path(f"{_MAP}/draft", drafts.DraftDetail.as_view()),
    path(f"{_MAP}/draft/stages", elements.StageList.as_view()),
    path(f"{_MAP}/draft/stages/<str:element>", elements.StageDetail.as_view()),
    path(f"{_MAP}/draft/stages/<str:element>/moves", elements.StageMoves.as_view()),
    path(f"{_MAP}/draft/touchpoints", elements.TouchpointList.as_view()),
    path(f"{_MAP}/draft/touchpoints/<str:element>", elements.TouchpointDetail.as_view()),
    path(f"{_MAP}/draft/touchpoints/<str:element>/moves", elements.TouchpointMoves.as_view()),
    path(f"{_MAP}/export", exports.MapExport.as_view()),
    path(f"{_MAP}/export/losses", exports.MapExportLosses.as_view()),
    path(f"{_MAP}/comparison", differences.MapComparison.as_view()),
    path(f"{_MAP}/copies", copies.CopyList.as_view()),
    path(f"{_MAP}/diff", differences.MapDiff.as_view()),
    path(f"{_MAP}/lint", lint.MapLint.as_view()),
    path(f"{_MAP}/merges", merges.MergeList.as_view()),
    path(f"{_MAP}/restorations", restorations.RestorationList.as_view()),
    path(f"{_MAP}/versions", versions.VersionList.as_view()),
    path(f"{_MAP}/versions/<str:version>", versions.VersionDetail.as_view()),
    path(f"{_MAP}/versions/<str:version>/drawing", versions.VersionDrawing.as_view()),
    path("personas", personas.PersonaList.as_view()),
    path("personas/<str:ref>", personas.PersonaDetail.as_view()),
    path("vocabularies", vocabularies.VocabularyList.as_view()),
    path("vocabularies/<str:ref>", vocabularies.VocabularyDetail.as_view()),
    path("search", search.Search.as_view()),
    path("templates", templates.TemplateList.as_view()),
    path("templates/<str:ref>", templates.TemplateDetail.as_view()),
    path("collections", collections.CollectionList.as_view()),
    path("collections/<str:ref>", collections.CollectionDetail.as_view()),
]
