"""What this room stores: maps with their drafts and versions, and the workspace's library beside them."""

from journeys.models.erasures import Purge, Redaction
from journeys.models.library import Collection, Persona, Template, Vocabulary
from journeys.models.maps import Body, Draft, DraftBody, Element, JourneyMap
from journeys.models.versions import Merge, Rendition, Review, Version, VersionLabels

__all__ = [
    "Body",
    "Collection",
    "Draft",
    "DraftBody",
    "Element",
    "JourneyMap",
    "Merge",
    "Persona",
    "Purge",
    "Redaction",
    "Rendition",
    "Review",
    "Template",
    "Version",
    "VersionLabels",
    "Vocabulary",
]
