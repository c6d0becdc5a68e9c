"""Renditions: a drawing is stored, a worker makes a picture of it, and after a day it is forgotten.

What is drawn is the SVG as it was when it was asked for, with figures or without: whoever asks brings it, and
nothing is read again later. The same drawing in the same form is stored once; asked for again, it stays for
another day. One row of due work per rendition: first it is to be made, then to be forgotten.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.db import transaction

from journeys.models import JourneyMap, Rendition
from journeys.render import typeset
from journeys.render.typeset import Format, NotDrawn, Size
from service.due import Claim, LeaseLost, claim_due, finish, set_due
from service.errors import Conflict
from service.resources import check_limit
from service.tenancy import advisory_lock, workspace_transaction

log = logging.getLogger(__name__)
DUE_KIND = "rendition"
KEPT = timedelta(days=1)
LEASE = timedelta(minutes=2)
SLICE = 5
LIMIT = 500
# Claims without an end are workers that were lost on it: more of them would be lost.
ATTEMPTS = 3
_LOST = "The worker was lost each time that it made this picture; a smaller scale may help."


class TooLargeToRender(Conflict):
    code, title = "too_large_to_render", "This map has more to draw than such a picture may hold."


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be rendered. subject: a version's number, `draft` or `live`. title: of the file."""

    svg: bytes
    subject: str
    title: str


@dataclass(frozen=True, slots=True)
class Form:
    """How: format, and for PNG pixels for each CSS pixel, or the width in pixels instead."""

    format: Format
    scale: float | None = None
    width: int | None = None

    def scale_of(self, size: Size) -> float:
        """Return the scale, 1 where nothing is said. Raises TooLargeToRender."""
        if self.format == "pdf":
            return 1.0
        asked = self.scale or (self.width / size.width if self.width else 1.0)
        width, height = size.pixels(asked)
        if width * height > typeset.PIXELS_MAX or not height:
            largest = size.largest_scale()
            detail = (
                f"That would be {width} × {height} pixels. This map can be drawn at a scale of up to "
                f"{largest:g} ({int(size.width * largest)} pixels wide), or as pdf, which has no pixels."
            )
            raise TooLargeToRender(detail)
        return asked


@transaction.atomic
def request_rendition(*, journey_map: JourneyMap, drawing: Drawing, form: Form, at: datetime) -> Rendition:
    """Return the rendition of a drawing: the one that is there, or a new one that a worker will make.

    Raises TooLargeToRender, and LimitReached where the workspace has too many.
    """
    size = typeset.size_of(drawing.svg)
    scale = form.scale_of(size)
    if len(drawing.svg) > typeset.SVG_MAX:
        raise TooLargeToRender("The drawing of this map is too large for any picture.")
    digest = _digest(drawing, form.format, scale)
    advisory_lock("rendition", journey_map.id)
    rows = Rendition.objects.select_for_update().filter(workspace_id=journey_map.workspace_id)
    row = rows.filter(journey_map_id=journey_map.id, digest=digest).first()
    if row is None:
        check_limit(
            Rendition.objects.filter(workspace_id=journey_map.workspace_id),
            workspace_id=journey_map.workspace_id,
            name="renditions",
            default=LIMIT,
        )
        width, height = size.pixels(scale)
        row = Rendition(
            workspace_id=journey_map.workspace_id,
            journey_map=journey_map,
            digest=digest,
            subject=drawing.subject,
            title=drawing.title,
            format=form.format,
            scale=scale,
            width=width,
            height=height,
            created_at=at,
        )
    elif row.content is not None or row.finished_at is None:
        return _kept_longer(row, at)
    row.drawing, row.refusal, row.caveat = zlib.compress(drawing.svg), "", ""
    row.finished_at, row.expires_at = None, at + KEPT
    row.save()
    set_due(workspace_id=row.workspace_id, kind=DUE_KIND, row_id=row.id, due_at=at)
    return row


def _kept_longer(row: Rendition, at: datetime) -> Rendition:
    """Keep what is made, or being made, for another day; whoever comes to forget it looks at `expires_at`."""
    row.expires_at = at + KEPT
    row.save(update_fields=["expires_at"])
    return row


def _digest(drawing: Drawing, form: Format, scale: float) -> bytes:
    found = hashlib.sha256()
    for part in (_CODE, *_fonts_seen(), form, repr(scale), drawing.subject, drawing.title):
        found.update(part.encode() + b"\n")
    found.update(drawing.svg)
    return found.digest()


_CODE = hashlib.sha256(Path(typeset.__file__).read_bytes()).hexdigest() + metadata.version("typst")


def _fonts_seen() -> Iterable[str]:
    """Yield what tells one set of the operator's fonts from another."""
    for directory in settings.RENDITION_FONTS:
        for file in sorted(Path(directory).rglob("*")):
            yield f"{file.name} {file.stat().st_size}"


def keep_due_renditions(*, at: datetime, limit: int = SLICE) -> int:
    """Make up to `limit` pictures, or forget them, whichever is due; return how many were claimed."""
    claims = claim_due(kind=DUE_KIND, limit=limit, lease=LEASE, at=at)
    for claim in claims:
        try:
            _keep(claim, at)
        except LeaseLost:
            log.info("lease of rendition %s ran out; whoever holds it now makes it", claim.row_id)
    return len(claims)


def _keep(claim: Claim, at: datetime) -> None:
    with workspace_transaction(claim.workspace_id):
        row = Rendition.objects.filter(pk=claim.row_id).first()
        if row is None or (row.finished_at is not None and row.expires_at <= at):
            finish(claim, next_due_at=None)
            Rendition.objects.filter(pk=claim.row_id).delete()
            return
        if row.finished_at is not None:
            finish(claim, next_due_at=row.expires_at)
            return
    made = _made(claim, row)
    with workspace_transaction(claim.workspace_id):
        Rendition.objects.filter(pk=row.pk).update(**made, drawing=b"", finished_at=at)
        # Once more at least when it is over; asked for again meanwhile, it is then only looked at.
        finish(claim, next_due_at=row.expires_at)


def _made(claim: Claim, row: Rendition) -> dict[str, bytes | str]:
    """Return the picture, or why there is none. Nothing is held in the database meanwhile."""
    if claim.attempts > ATTEMPTS:
        return {"refusal": _LOST}
    svg = zlib.decompress(row.drawing)
    fonts = settings.RENDITION_FONTS
    form: Format = "png" if row.format == Rendition.Format.PNG else "pdf"
    try:
        content = typeset.typeset(svg, form, scale=row.scale, title=row.title, fonts=fonts)
        letters = typeset.undrawn(svg, fonts=fonts)
    except NotDrawn as refusal:
        log.exception("rendition %s could not be made", row.id)
        return {"refusal": str(refusal)[:500]}
    if not letters:
        return {"content": content}
    caveat = f"No font here has {letters[:40]!r}; an empty box stands for it, and maybe for others."
    return {"content": content, "caveat": caveat}
