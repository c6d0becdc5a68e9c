"""A version drawn without figures: what this room can show by itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rest_framework import serializers

import journeys.render
from journeys import queries
from journeys.document.validate import parse
from journeys.models import Version
from journeys.render.face import Face
from journeys.render.html.assets import CONTENT_SECURITY_POLICY
from journeys.render.html.page import render_html
from journeys.render.svg.picture import render_svg
from service.serializers import Query

SVG, HTML = "image/svg+xml", "text/html"
FORMATS = {"svg": SVG, "html": HTML}
POLICIES = {
    HTML: f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'",
    SVG: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class DrawingQuery(Query):
    format = serializers.ChoiceField(
        sorted(FORMATS), required=False, help_text="Instead of Accept: svg or html."
    )


def _release() -> str:
    """Return a hash of the code that draws: another release may draw another picture."""
    files = sorted(Path(journeys.render.__path__[0]).rglob("*.*"))
    code = b"".join(file.read_bytes() for file in files if file.suffix in {".py", ".css", ".js"})
    return hashlib.sha256(code).hexdigest()[:12]


RELEASE = _release()


def etag_of_drawing(version: Version, media_type: str) -> str:
    form = hashlib.sha256(f"{RELEASE} {media_type}".encode()).hexdigest()[:12]
    return f'W/"v{version.number}-{bytes(version.digest).hex()}-{form}"'


def drawing(version: Version, media_type: str) -> str:
    """Return the version as a picture or as a page."""
    document = parse(queries.version_bytes(version))
    face = Face(version=version.number, published_at=version.published_at)
    return render_svg(document, (), face) if media_type == SVG else render_html(document, (), face)
