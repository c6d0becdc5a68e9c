"""Exports: a document in the words of another tool, or drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rest_framework import serializers

import journeys.formats
from journeys.document.validate import parse
from journeys.formats.base import Notice
from journeys.formats.registry import FORMATS, Format, writable
from journeys.formats.wording import slug
from journeys.queries import Moment
from journeys.render.face import Face
from journeys.render.html.page import render_html
from journeys.render.svg.picture import render_svg
from journeys.serializers.drawings import HTML, POLICIES, RELEASE, SVG
from service.fields import StrictChar
from service.renderers import JsonRenderer
from service.serializers import Query

DRAWN = {"svg": SVG, "html": HTML}
NAMES = [*(each.name for each in writable()), *DRAWN]
_VERSION = (
    "Number or id of a version, `latest`, `draft`, or an instant: what was the latest then. Absent: the "
    "latest, or the draft of a map that was never published."
)


class ExportQuery(Query):
    format = serializers.ChoiceField(NAMES, required=False, help_text="Instead of Accept. Absent: json.")
    version = StrictChar(required=False, max_length=64, help_text=_VERSION)


class LossQuery(Query):
    format = serializers.ChoiceField(NAMES, help_text="The format whose losses are asked for.")
    version = StrictChar(required=False, max_length=64, help_text=_VERSION)


class LossOut(serializers.Serializer[Any]):
    """One thing that the format cannot say."""

    pointer = serializers.CharField(help_text="Where it stands in the document (JSON Pointer).")
    code = serializers.CharField(help_text="not_said, score_made_up …; more may come.")
    detail = serializers.CharField()


class LossesOut(serializers.Serializer[Any]):
    """What an export leaves out or changes."""

    format = serializers.CharField()
    version = serializers.CharField(help_text="The version's number, or `draft`.")
    losses = LossOut(many=True)


@dataclass(frozen=True, slots=True)
class Export:
    """An export, ready to be sent."""

    content: bytes
    losses: tuple[Notice, ...]
    content_type: str
    file_name: str
    policy: str = ""


def _release() -> str:
    """Return a hash of the code that writes: another release may write other bytes."""
    files = sorted(Path(journeys.formats.__path__[0]).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


_RELEASE = _release()


def etag_of_export(source: Moment, name: str) -> str:
    """Return the ETag: weak, as another release may spell the same things otherwise."""
    form = hashlib.sha256(f"{_RELEASE} {RELEASE} {name}".encode()).hexdigest()[:12]
    return f'W/"{label_of(source)}-{source.digest.hex()}-{form}"'


def label_of(source: Moment) -> str:
    """Return `v3`, or `draft`."""
    return f"v{source.name}" if source.version else source.name


def export_of(source: Moment, name: str) -> Export:
    """Return the document written in a format, or drawn without figures."""
    document = parse(source.content)
    if name in DRAWN:
        media_type = DRAWN[name]
        version = source.version
        face = Face(version=version.number, published_at=version.published_at) if version else Face()
        draw = render_svg if name == "svg" else render_html
        content = draw(document, (), face).encode()
        return Export(
            content,
            (),
            f"{media_type}; charset=utf-8",
            _file_name(source, document.name, name),
            POLICIES[media_type],
        )
    form = FORMATS[name]
    if form.write is None:
        raise LookupError(f"{name} is not written.")
    written = form.write(document)
    return Export(
        written.content, written.losses, form.content_type, _file_name(source, document.name, form.extension)
    )


def disposition(file_name: str) -> str:
    """Return Content-Disposition of a file: any name, spelled so that no header and no shell minds."""
    stem, _, extension = file_name.rpartition(".")
    plain = f"{slug(stem) or 'journey-map'}.{extension}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def losses_out(source: Moment, name: str, losses: tuple[Notice, ...]) -> dict[str, Any]:
    told = [{"pointer": loss.place, "code": loss.code, "detail": loss.detail} for loss in losses]
    return {"format": name, "version": source.name, "losses": told}


def renderers(forms: Sequence[Format], drawn: Mapping[str, str]) -> list[type[JsonRenderer]]:
    """Return what Accept can name: JSON first, then the media type of each format once."""
    media = {each.media_type: each.name for each in reversed(forms)} | {v: k for k, v in drawn.items()}
    media.pop(JsonRenderer.media_type, None)
    return [
        JsonRenderer,
        *(
            type(f"{name}Renderer", (JsonRenderer,), {"media_type": m, "format": name})
            for m, name in media.items()
        ),
    ]


def named_by(media_type: str) -> str:
    """Return the format that an accepted media type stands for."""
    for name, drawn in DRAWN.items():
        if media_type == drawn:
            return name
    return next((each.name for each in writable() if each.media_type == media_type), NAMES[0])


def _file_name(source: Moment, name: str, extension: str) -> str:
    kept = "".join(" " if c in '/\\:*?"<>|' or not c.isprintable() else c for c in name)
    return f"{' '.join(kept.split())[:80].strip(' .') or 'journey-map'} {label_of(source)}.{extension}"
