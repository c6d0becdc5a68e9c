"""What an audience sees, over HTTP: by a key that may read maps, or by a token of the view."""

from __future__ import annotations

import re
import uuid
from typing import ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import http_date
from rest_framework.request import Request

from kpis.queries import audience
from kpis.queries.audience import Opened, OpenedOverview, OpenedView, Subject, pinned_subject, subject_of
from kpis.queries.live_asked import Asked
from kpis.serializers.audience import ViewLiveOut
from kpis.serializers.audience_answer import Answer, answered
from kpis.serializers.clocks import BEYOND_RETENTION
from kpis.serializers.live import LiveQuery, asked_of
from kpis.serializers.live_answer import HTML, SVG, Form
from kpis.views.live import POLICIES, content_type, told_headers
from service.auth import KeyOrViewToken
from service.errors import Forbidden, NotFound
from service.http import PRIVATE, ApiView
from service.openapi import operation
from service.preconditions import not_modified
from service.renderers import HtmlRenderer, JsonRenderer, SvgRenderer

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEADERS = {
    "ETag": "Weak; a hash of what the view shows and of nothing else.",
    "Content-Location": "The answer's own address with the version, where the view tells it.",
    "Memento-Datetime": "Of an answer as of an instant.",
}


_NOTHING, _NOBODY = "default-src 'none'", "'none'"


class HistoryNotShown(Forbidden):
    code, title = "history_not_shown", "This view shows the map as it is now."


class Shown(ApiView):
    """Answers with what a view or a snapshot of it shows, or with 304 where the caller has it already."""

    def shown_by(self, subject: Subject, form: Form, *, at: str | None = None) -> HttpResponse:
        """`at`: the address that an answer is told to have; None where only the one asked for is known."""
        view = subject.view
        asked = subject.pinned or asked_of(self.params, self.at)
        if subject.pinned is None and not view.history and (asked.instant or asked.version):
            raise HistoryNotShown("as_of, known_at and version may not be asked here.")

        def holds(etag: str) -> bool:
            return not_modified(self.request, etag)

        found = answered(self.workspace_id, subject, asked, form, holds, self.at)
        response = self.respond(found, view, form)
        if asked.instant is not None:
            response["Memento-Datetime"] = http_date(asked.instant.timestamp())
        if at is not None and found.version is not None:
            response["Content-Location"] = located(at, asked, found.version)
        return response

    def respond(self, found: Answer, view: Opened, form: Form) -> HttpResponse:
        response = HttpResponse(status=304)
        if found.content is not None:
            response = HttpResponse(found.content, content_type=content_type(form.media))
        response["ETag"] = found.etag
        response["Cache-Control"] = PRIVATE
        frame(response, view, POLICIES.get(form.media))
        return response


def frame(response: HttpResponse, view: OpenedView, policy: str | None = None) -> None:
    """Say who may frame the answer: whom the view names, else nobody. policy: what else it may; nothing."""
    response["Content-Security-Policy"] = f"{policy or _NOTHING}; {ancestors(view)}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin" if view.embed_origins else "same-origin"
    if not view.embed_origins:
        response["X-Frame-Options"] = "DENY"  # it cannot name several: where some may, the policy alone tells


def ancestors(view: OpenedView) -> str:
    """Return the directive of a policy that says who may frame the view."""
    return f"frame-ancestors {' '.join(view.embed_origins) or _NOBODY}"


def located(at: str, asked: Asked, version: int) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"version": version, **asked.narrowed()}.items())
    return f"{at}?{query}"


class OfView(Shown):
    """By a key, or by the view's own token."""

    authentication_classes = [KeyOrViewToken]
    scopes: ClassVar = {"GET": "maps:read"}
    renderer_classes = [JsonRenderer, SvgRenderer, HtmlRenderer]

    def opened(self, ref: str) -> Opened:
        """Return the view of a map that an id or key names. Raises NotFound."""
        return audience.opened(self.workspace_id, self._own_id(ref))

    def opened_overview(self, ref: str) -> OpenedOverview:
        """Return the view of the overview that an id or key names. Raises NotFound."""
        return audience.opened_overview(self.workspace_id, self._own_id(ref))

    def _own_id(self, ref: str) -> uuid.UUID:
        """To a token its own view alone is there. Raises NotFound."""
        own = uuid.UUID(ref) if _UUID.fullmatch(ref) else audience.view(self.workspace_id, ref).id
        if self.caller.kind == "view_token" and self.caller.target_id != own:
            raise NotFound
        return own


class ViewLive(OfView):
    queries = {"GET": LiveQuery}

    @operation(
        "getViewLive",
        "Read the live map as a view shows it",
        tag="Audience views",
        query=LiveQuery,
        parameters=told_headers(_HEADERS),
        responses={
            (200, "application/json"): ViewLiveOut,
            (200, SVG): str,
            (200, HTML): str,
            304: None,
            **BEYOND_RETENTION,
        },
        description="403 `history_not_shown` for as_of, known_at and version where the view has no history.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        view = self.opened(ref)
        form = Form(request.accepted_renderer.media_type)
        return self.shown_by(subject_of(view), form, at=f"/v1/views/{view.id}/live")


class SnapshotLive(OfView):
    @operation(
        "getSnapshotLive",
        "Read what a snapshot pinned",
        tag="Audience views",
        parameters=told_headers({"ETag": _HEADERS["ETag"], "Memento-Datetime": "What was true then."}),
        responses={
            (200, "application/json"): ViewLiveOut,
            (200, SVG): str,
            (200, HTML): str,
            304: None,
            **BEYOND_RETENTION,
        },
        description="The JSON never changes. Picture and page say when figures were restated since.",
    )
    def get(self, request: Request, ref: str, snapshot_id: uuid.UUID) -> HttpResponseBase:
        view = self.opened(ref)
        pinned = audience.snapshot(self.workspace_id, view.id, snapshot_id)
        return self.shown_by(pinned_subject(view, pinned), Form(request.accepted_renderer.media_type))
