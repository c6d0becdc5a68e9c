"""Who opens a page: whoever has its view's token in the address, or in the cookie that the address gave."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from kpis.queries.audience import OpenedView
from service.auth import well_formed
from service.credentials import Caller, enter_by_secret
from service.errors import NotFound

COOKIE = "lm_view"
COOKIE_S = 400 * 86400
"""Browsers keep no cookie longer; the token itself may end sooner, and is asked each time."""
GONE = "This page does not exist, or its time is over."


def _entered(secret: str) -> tuple[Caller, uuid.UUID]:
    """Return who has a view's token, and the view. Raises NotFound."""
    caller = None
    if well_formed(secret):
        caller = enter_by_secret(secret, kinds=("view_token",), at=datetime.now(UTC))
    if caller is None or caller.target_id is None:
        raise NotFound(GONE)
    return caller, caller.target_id


class PathToken(BaseAuthentication):
    """The token in the path."""

    def authenticate(self, request: Request) -> tuple[Caller, str]:
        context: dict[str, Any] = request.parser_context or {}
        secret = str(context["kwargs"]["token"]).partition(".")[0]
        return _entered(secret)[0], secret


class CookieToken(BaseAuthentication):
    """The token that the browser was given for this view."""

    def authenticate(self, request: Request) -> tuple[Caller, str]:
        context: dict[str, Any] = request.parser_context or {}
        secret = request.COOKIES.get(COOKIE, "")
        caller, view_id = _entered(secret)
        if view_id != context["kwargs"]["view_id"]:
            raise NotFound(GONE)
        return caller, secret


def cookie(view: OpenedView, secret: str, *, secure: bool) -> str:
    """Return the cookie that opens a view and nothing else: of its path, unseen by scripts.

    In a frame of another site a cookie counts only with SameSite=None, which asks for Secure; Partitioned
    keeps it to that site's frames. Such a cookie is given where the view may be framed, and nowhere else.
    """
    parts = [f"{COOKIE}={secret}", f"Path=/view/{view.id}/", f"Max-Age={COOKIE_S}", "HttpOnly"]
    if view.embed_origins:
        parts += ["Secure", "SameSite=None", "Partitioned"]
    else:
        parts += [*(["Secure"] if secure else []), "SameSite=Lax"]
    return "; ".join(parts)
