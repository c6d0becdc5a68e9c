"""The page that a view token opens: the first form of audience views. Read-only; the token is in the path.

`/p/{token}` is the page, `/p/{token}.svg` and `/p/{token}.json` are the same state otherwise. A token that is
unknown, expired or revoked is a page that does not exist.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from django.http import HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from journeys.render.face import Link
from kpis.queries.live import Head, head_of
from kpis.queries.live_map import Asked
from kpis.serializers.live_answer import HTML, JSON, SVG, Form
from kpis.views.live import LiveView
from service.auth import well_formed
from service.credentials import Caller, enter_by_secret
from service.errors import NotFound
from service.renderers import JsonRenderer

REFRESH_S = 5
_MEDIA = {"": HTML, "svg": SVG, "json": JSON}


class PathToken(BaseAuthentication):
    """The view token in the path opens the workspace that it belongs to."""

    def authenticate(self, request: Request) -> tuple[Caller, str]:
        context: dict[str, Any] = request.parser_context or {}
        token = str(context["kwargs"]["token"]).partition(".")[0]
        caller = None
        if well_formed(token):
            caller = enter_by_secret(token, kinds=("view_token",), at=datetime.now(UTC))
        if caller is None or caller.target_id is None:
            raise NotFound("This page does not exist, or its time is over.")
        return caller, token


class Page(LiveView):
    """Not part of the API's description: pages are opened by browsers."""

    authentication_classes = [PathToken]
    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """The address says which form it is, whatever the browser would rather have."""
        return JsonRenderer(), JSON

    def get(self, request: Request, token: str) -> HttpResponseBase:
        secret, _, suffix = token.partition(".")
        if suffix not in _MEDIA or (suffix == "" and "." in token):
            raise NotFound
        head = head_of(self.workspace_id, str(self.caller.target_id))
        response = self.answered(head, _form(secret, _MEDIA[suffix]))
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def location(self, head: Head, asked: Asked, version: int) -> str:
        """An audience sees its own address alone."""
        return self.request.get_full_path()


def _form(secret: str, media: str) -> Form:
    # The page links to its other forms by the token, so bodies differ by it; the validator must not tell it.
    view = blake2b(secret.encode(), digest_size=9).hexdigest()
    links = (Link(label="Picture", href=f"/p/{secret}.svg"), Link(label="Data", href=f"/p/{secret}.json"))
    return Form(media, view, REFRESH_S, links)
