"""The pages that tokens open. Read-only; what a token opens no more is a page that does not exist.

`/p/{token}` exchanges the token in the address for a cookie of the view's own path and leads on to
`/view/{id}/`: so the secret stays out of histories, referrers and of the logs of everything after the first
request (docs/decisions/0020). There are the page, and `map.svg`, `map.png`, `map.pdf` and `map.json` of the
same state. A program (neither Sec-Fetch-Mode nor text/html in Accept) has no history and keeps no cookies: it
is answered at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from journeys import queries as journeys
from journeys.render.face import Link
from journeys.render.typeset import MEDIA_TYPES
from journeys.tasks import keep_renditions
from journeys.views.renditions import RenditionFailed
from kpis.actions.audience_pictures import Kind, picture_of
from kpis.queries import audience
from kpis.queries.audience import (
    OpenedOverview,
    OpenedView,
    Subject,
    opened_any,
    opened_overview,
    pinned_subject,
    subject_of,
)
from kpis.queries.live_asked import Asked
from kpis.serializers.audience_answer import answered
from kpis.serializers.live import LiveQuery
from kpis.serializers.live_answer import HTML, JSON, SVG, Form
from kpis.serializers.overview_pages import CSV
from kpis.views.audience_live import Shown, ancestors, frame
from kpis.views.overview import overview_seen
from kpis.views.page_tokens import GONE, CookieToken, PathToken, cookie
from service.errors import Issue, NotFound, ValidationProblem
from service.preconditions import not_modified
from service.renderers import JsonRenderer
from service.wake import wake

REFRESH_S = 5
_MEDIA = {"": HTML, "svg": SVG, "json": JSON}
_OVERVIEW_MEDIA = {**_MEDIA, "csv": CSV}
OVERVIEW_REFRESH_S = 60
_PICTURES: Mapping[str, Kind] = {kind: kind for kind in MEDIA_TYPES}


class ForBrowsers(Shown):
    """Not part of the API's description: browsers open these."""

    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """The address says which form it is, whatever the browser would rather have."""
        return JsonRenderer(), JSON

    def page(self, subject: Subject, suffix: str) -> HttpResponse:
        if (kind := _PICTURES.get(suffix)) is not None:
            return self.picture(subject, kind)
        if suffix not in _MEDIA:
            raise NotFound(GONE)
        place = _place(subject)
        forms = (("Picture", "png"), ("PDF", "pdf"), ("SVG", "svg"), ("Data", "json"))
        links = tuple(Link(label=label, href=f"{place}map.{form}") for label, form in forms)
        return _unseen(self.shown_by(subject, Form(_MEDIA[suffix], "page", REFRESH_S, links)))

    def picture(self, subject: Subject, kind: Kind) -> HttpResponse:
        """Answer with the picture once a worker has made it; 202 until then. It takes no query."""
        self.refuse_query("A picture shows the map as it is.")
        journeys.hold_off_erasure(self.workspace_id)
        journey_map = journeys.journey_map(self.workspace_id, str(subject.view.head.id))
        row = None
        # What was erased since the head of the map was read is in no picture: the browser asks again.
        if journey_map.erasures == subject.view.head.erasures:
            row = picture_of(
                journey_map=journey_map,
                subject=subject,
                kind=kind,
                draw=lambda: self.drawing(subject),
                at=self.at,
            )
        if row is not None and row.refusal:
            raise RenditionFailed("This map cannot be drawn so.")
        if row is None or row.content is None:
            wake(keep_renditions)
            response = HttpResponse("The picture is being made.\n", status=202, content_type="text/plain")
            response["Retry-After"] = response["Refresh"] = "1"
        else:
            etag = f'"{bytes(row.digest).hex()[:32]}"'
            held = not_modified(self.request, etag)
            response = HttpResponse(status=304)
            if not held:
                response = HttpResponse(bytes(row.content), content_type=MEDIA_TYPES[kind])
            response["ETag"] = etag
        frame(response, subject.view)
        return _unseen(response)

    def side_by_side(self, view: OpenedOverview, suffix: str) -> HttpResponse:
        """Answer with the maps of a view of the overview; a browser asks again by itself."""
        if suffix not in _OVERVIEW_MEDIA:
            raise NotFound(GONE)
        self.refuse_query("There is no such parameter of an overview.", but=("as_of", "known_at"))
        asked = self.request.META["QUERY_STRING"]
        then = f"?{asked}" if asked else ""
        forms = (("SVG", "svg"), ("CSV", "csv"), ("Data", "json"))
        links = tuple(
            Link(label=label, href=f"/view/{view.id}/overview.{form}{then}") for label, form in forms
        )
        response = overview_seen(self, view, _OVERVIEW_MEDIA[suffix], links)
        if not suffix and not asked:
            response["Refresh"] = str(OVERVIEW_REFRESH_S)
        return _unseen(response)

    def refuse_query(self, detail: str, *, but: Collection[str] = ()) -> None:
        if unasked := sorted(set(self.request.GET) - set(but)):
            raise ValidationProblem([Issue(f"/{name}", "unknown_field", detail) for name in unasked])

    def drawing(self, subject: Subject) -> tuple[bytes, str]:
        asked = subject.pinned or Asked()
        found = answered(self.workspace_id, subject, asked, Form(SVG), lambda etag: False, self.at)
        return found.content or b"", found.name


class Page(ForBrowsers):
    authentication_classes = [CookieToken]
    queries = {"GET": LiveQuery}

    def get(self, request: Request, view_id: uuid.UUID, suffix: str = "") -> HttpResponseBase:
        if suffix:
            return self.page(subject_of(audience.opened(self.workspace_id, view_id)), suffix)
        view = opened_any(self.workspace_id, view_id)
        if isinstance(view, OpenedOverview):
            return self.side_by_side(view, "")
        return self.page(subject_of(view), "")


class OverviewPage(ForBrowsers):
    authentication_classes = [CookieToken]
    queries = {"GET": LiveQuery}

    def get(self, request: Request, view_id: uuid.UUID, suffix: str) -> HttpResponseBase:
        if not suffix:
            raise NotFound(GONE)
        return self.side_by_side(opened_overview(self.workspace_id, view_id), suffix)


class SnapshotPage(ForBrowsers):
    authentication_classes = [CookieToken]

    def get(
        self, request: Request, view_id: uuid.UUID, snapshot_id: uuid.UUID, suffix: str = ""
    ) -> HttpResponseBase:
        view = audience.opened(self.workspace_id, view_id)
        pinned = audience.snapshot(self.workspace_id, view_id, snapshot_id)
        return self.page(pinned_subject(view, pinned), suffix)


class Entrance(ForBrowsers):
    """303 to the view, with the cookie that opens it; a program gets the view itself."""

    authentication_classes = [PathToken]
    queries = {"GET": LiveQuery}

    def get(self, request: Request, token: str, snapshot_id: uuid.UUID | None = None) -> HttpResponseBase:
        secret, dot, suffix = token.partition(".")
        view = opened_any(self.workspace_id, self.caller.target_id or uuid.UUID(int=0))
        known = _OVERVIEW_MEDIA if isinstance(view, OpenedOverview) else (*_MEDIA, *_PICTURES)
        if suffix not in known or (dot and not suffix):
            raise NotFound(GONE)
        query = request.META["QUERY_STRING"]
        rest = f"{f'.{suffix}' if suffix else ''}{f'?{query}' if query else ''}"
        if isinstance(view, OpenedOverview):
            if snapshot_id is not None:
                raise NotFound(GONE)
            if self.is_program():
                return self.side_by_side(view, suffix)
            return self.led_on(view, secret, f"/view/{view.id}/{'overview' if suffix else ''}{rest}")
        subject = subject_of(view)
        if snapshot_id is not None:
            subject = pinned_subject(view, audience.snapshot(self.workspace_id, view.id, snapshot_id))
        if self.is_program():
            return self.page(subject, suffix)
        return self.led_on(view, secret, f"{_place(subject)}{'map' if suffix else ''}{rest}")

    def is_program(self) -> bool:
        """It has no history and mostly no cookies: it is answered at once."""
        sent = self.request.headers
        return "Sec-Fetch-Mode" not in sent and "text/html" not in sent.get("Accept", "")

    def led_on(self, view: OpenedView, secret: str, place: str) -> HttpResponse:
        response = HttpResponse(status=303)
        response["Location"] = place
        response["Set-Cookie"] = cookie(view, secret, secure=settings.PUBLIC_URL.startswith("https:"))
        response["Cache-Control"] = "no-store"
        response["Content-Security-Policy"] = f"default-src 'none'; {ancestors(view)}"
        return _unseen(response)


def _place(subject: Subject) -> str:
    """Return the address below which a view or snapshot is shown."""
    own = f"/view/{subject.view.id}/"
    return own if subject.pinned is None else f"{own}snapshots/{subject.id}/"


def _unseen(response: HttpResponse) -> HttpResponse:
    """Keep the page out of search engines, and its address out of what it links to."""
    patch_vary_headers(response, ("Cookie", "Sec-Fetch-Mode"))
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
