"""What a bundle of a workspace holds of this room: sections in the order in which rows name each other."""

from __future__ import annotations

from pathlib import Path

from django.db import models

from journeys.models import (
    Body,
    Collection,
    Draft,
    DraftBody,
    Element,
    JourneyMap,
    Merge,
    Persona,
    Review,
    Template,
    Version,
    VersionLabels,
    Vocabulary,
)
from service.bundle.export import Section
from service.bundle.tables import Table

_SQL = Path(__file__).parent / "sql"
# live_revision counts what was shown here; a map above is named once all maps are there.
MAPS = Table("journey_maps", JourneyMap, omit=frozenset({"live_revision"}), given={"live_revision": "0"})
# Numbers are the database's own; they keep their order.
ELEMENTS = Table("elements", Element, order="number", omit=frozenset({"number"}))
VOCABULARIES = Table("vocabularies", Vocabulary)
PERSONAS = Table("personas", Persona)
LABELS = Table("version_labels", VersionLabels, order="journey_map_id, number")
REVIEWS = Table("reviews", Review)
MERGES = Table("merges", Merge)
TEMPLATES = Table("templates", Template)
COLLECTIONS = Table("collections", Collection)
BODIES, VERSIONS, DRAFTS = "bodies", "versions", "drafts"

MAP_SECTIONS: tuple[Section, ...] = (
    Section(VOCABULARIES.name, VOCABULARIES.select),
    Section(PERSONAS.name, PERSONAS.select),
    Section(MAPS.name, MAPS.select),
    Section(ELEMENTS.name, ELEMENTS.select),
    Section(BODIES, (_SQL / "bundle_bodies.sql").read_text()),
    Section(VERSIONS, (_SQL / "bundle_versions.sql").read_text(), batch=20),
    Section(LABELS.name, LABELS.select),
    Section(DRAFTS, (_SQL / "bundle_drafts.sql").read_text(), batch=2),
    Section(REVIEWS.name, REVIEWS.select),
    Section(MERGES.name, MERGES.select),
    Section(TEMPLATES.name, TEMPLATES.select),
    Section(COLLECTIONS.name, COLLECTIONS.select),
)

MAP_MODELS: tuple[type[models.Model], ...] = (
    Vocabulary,
    Persona,
    JourneyMap,
    Element,
    Body,
    Version,
    VersionLabels,
    Draft,
    DraftBody,
    Review,
    Merge,
    Template,
    Collection,
)
"""Whose rows a bundle holds; a workspace that has any is not empty."""
