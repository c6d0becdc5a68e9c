"""The live map drawn: the same state as the JSON, as a picture or as a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.render.face import Face, Link
from journeys.render.html.page import render_html
from journeys.render.svg.picture import render_svg
from kpis.queries.live_map import LiveMap
from kpis.serializers.audience_stops import stops
from kpis.serializers.live_marks import below_of, changes_of, marks_of, rollups_of
from kpis.serializers.live_read import read_live
from service.kept import Kept

JSON, SVG, HTML = "application/json", "image/svg+xml", "text/html"
_documents: Kept[bytes, Document] = Kept(64)


def draw(
    live: LiveMap,
    media: str,
    *,
    updated_at: datetime | None,
    refresh_s: int = 0,
    etag: str = "",
    links: tuple[Link, ...] = (),
    notices: tuple[str, ...] = (),
    versions: Sequence[tuple[int, datetime]] = (),
    at: datetime | None = None,
    is_choice: bool = False,
) -> bytes:
    """Return the map as SVG or HTML; `refresh_s` > 0 makes the page keep itself current.

    versions: (number, published_at) of those between which the page travels, up to `at`. is_choice: whether
    figures may be left out.
    """
    found = read_live(b"{" + live.part + b"}")
    asked = live.asked
    stages = {place.id for place in live.places.elements if place.stage is None}
    published_at = live.version.published_at if live.dated else None
    face = Face(
        version=live.version.number if live.dated else None,
        is_draft=False,
        published_at=published_at,
        as_of=asked.instant,
        known_at=asked.known_at,
        updated_at=max(filter(None, (updated_at, published_at))) if updated_at else None,
        persona=live.places.persona,
        rollups=rollups_of(found, stages),
        is_choice=is_choice,
        links=links,
        notices=notices,
        stops=stops(versions, found, at) if at else (),
        changes=changes_of(found),
        below=below_of(found),
        refresh_s=refresh_s,
        etag=etag,
    )
    render = render_html if media == HTML else render_svg
    return render(_document(live), marks_of(found, versions), face).encode()


def _document(live: LiveMap) -> Document:
    return _documents.get(live.digest) or _documents.put(live.digest, parse(live.document))
