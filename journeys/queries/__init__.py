"""Reads of this room. The workspace comes first, or with the map whose it is."""

from journeys.queries.content import manifest_of, version_bytes
from journeys.queries.drafts import draft_of, etag_of_draft, locked_draft
from journeys.queries.elements import element, elements_of_map
from journeys.queries.maps import journey_map, journey_maps, open_map
from journeys.queries.outline import Outline, outline
from journeys.queries.personas import maps_in_use, open_persona, persona, personas, plain_persona, snapshots
from journeys.queries.tokens import view_token, view_tokens
from journeys.queries.versions import LATEST, latest_version, version_as_of, version_of, versions_of

__all__ = [
    "LATEST",
    "Outline",
    "draft_of",
    "element",
    "elements_of_map",
    "etag_of_draft",
    "journey_map",
    "journey_maps",
    "latest_version",
    "locked_draft",
    "manifest_of",
    "maps_in_use",
    "open_map",
    "open_persona",
    "outline",
    "persona",
    "personas",
    "plain_persona",
    "snapshots",
    "version_as_of",
    "version_bytes",
    "version_of",
    "versions_of",
    "view_token",
    "view_tokens",
]
