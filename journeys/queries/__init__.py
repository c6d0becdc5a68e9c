"""Reads of this room. The workspace comes first, or with the map whose it is."""

from journeys.queries.collections import collection, collections, maps_named, maps_of
from journeys.queries.content import draft_bytes, draft_manifest, version_bytes, version_manifest
from journeys.queries.drafts import draft_of, etag_of_draft, etag_of_revision, locked_draft
from journeys.queries.elements import element, elements_of_map
from journeys.queries.erasures import hold_off_erasure, purge, purges, redaction, redactions
from journeys.queries.exports import exported
from journeys.queries.lineage import counterparts, merge_base, merges_of, origins
from journeys.queries.maps import children_of, journey_map, journey_maps, map_with_id, maps_above, open_map
from journeys.queries.moments import (
    DRAFT,
    Moment,
    chosen_moment,
    draft_moment,
    latest_moment,
    moment,
    read_apart,
)
from journeys.queries.outline import Outline, continuations, kinds, library_references, named, outline
from journeys.queries.parts import (
    STAGE,
    TOUCHPOINT,
    etag_of_element,
    placed,
    shown_element,
    shown_elements,
)
from journeys.queries.personas import (
    maps_in_use,
    open_persona,
    persona,
    personas,
    plain_persona,
    snapshots,
    with_references,
    with_snapshots,
)
from journeys.queries.reviews import hands_before, labelled, labels_of, last_reviews, no_labels, reviews_of
from journeys.queries.search import search_workspace
from journeys.queries.tactical import Below, maps_below
from journeys.queries.templates import document_of, shipped_templates, summary_of, template, templates
from journeys.queries.versions import (
    LATEST,
    latest_version,
    version_as_of,
    version_at,
    version_numbered,
    version_of,
    versions_of,
)
from journeys.queries.vocabularies import (
    own_vocabularies,
    stage_words,
    vocabularies,
    vocabulary,
    with_wording,
)

__all__ = [
    "DRAFT",
    "LATEST",
    "STAGE",
    "TOUCHPOINT",
    "Below",
    "Moment",
    "Outline",
    "children_of",
    "chosen_moment",
    "collection",
    "collections",
    "continuations",
    "counterparts",
    "document_of",
    "draft_bytes",
    "draft_manifest",
    "draft_moment",
    "draft_of",
    "element",
    "elements_of_map",
    "etag_of_draft",
    "etag_of_element",
    "etag_of_revision",
    "exported",
    "hands_before",
    "hold_off_erasure",
    "journey_map",
    "journey_maps",
    "kinds",
    "labelled",
    "labels_of",
    "last_reviews",
    "latest_moment",
    "latest_version",
    "library_references",
    "locked_draft",
    "map_with_id",
    "maps_above",
    "maps_below",
    "maps_in_use",
    "maps_named",
    "maps_of",
    "merge_base",
    "merges_of",
    "moment",
    "named",
    "no_labels",
    "open_map",
    "open_persona",
    "origins",
    "outline",
    "own_vocabularies",
    "persona",
    "personas",
    "placed",
    "plain_persona",
    "purge",
    "purges",
    "read_apart",
    "redaction",
    "redactions",
    "reviews_of",
    "search_workspace",
    "shipped_templates",
    "shown_element",
    "shown_elements",
    "snapshots",
    "stage_words",
    "summary_of",
    "template",
    "templates",
    "version_as_of",
    "version_at",
    "version_bytes",
    "version_manifest",
    "version_numbered",
    "version_of",
    "versions_of",
    "vocabularies",
    "vocabulary",
    "with_references",
    "with_snapshots",
    "with_wording",
]
