"""Who calls and what they may do. The workspace comes from the credential, never from the path."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from service.credentials import Caller, enter_by_secret
from service.errors import Forbidden, Unauthenticated

_REALM = 'Bearer realm="living-maps"'
_SECRET = re.compile(r"lm_(key|view|hook)_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")


def well_formed(secret: str) -> bool:
    """Tell whether the text can be one of our secrets: anything else is refused without a look-up."""
    return _SECRET.fullmatch(secret) is not None


class CredentialAuthentication(BaseAuthentication):
    """`Authorization: Bearer lm_key_…`. View tokens are accepted where a view says so (`caller_kinds`)."""

    kinds: tuple[str, ...] = ("api_key",)

    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        scheme, _, raw = header.partition(b" ")
        secret = raw.decode("ascii", "replace").strip()
        if scheme.lower() != b"bearer" or not well_formed(secret):
            raise Unauthenticated(
                "Send `Authorization: Bearer lm_key_…`.",
                headers={"WWW-Authenticate": self.authenticate_header(request, "invalid_request")},
            )
        caller = enter_by_secret(secret, kinds=self.kinds, at=datetime.now(UTC))
        if caller is None:
            raise Unauthenticated(
                "The credential is unknown, expired or revoked.",
                headers={"WWW-Authenticate": self.authenticate_header(request, "invalid_token")},
            )
        return caller, secret

    def authenticate_header(self, request: Request, error: str = "") -> str:
        return f'{_REALM}, error="{error}"' if error else _REALM


class KeyOrViewToken(CredentialAuthentication):
    """For reads that an audience may make with a view token bound to one target."""

    kinds = ("api_key", "view_token")


class HasScope(BasePermission):
    """Require the scope that the view names for the method, e.g. `scopes = {"GET": "maps:read"}`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        caller = request.user
        if not isinstance(caller, Caller):
            raise Unauthenticated(
                "Send `Authorization: Bearer lm_key_…`.",
                headers={"WWW-Authenticate": _REALM},
            )
        needed = required_scope(view, request.method or "")
        if needed:
            require_scope(caller, needed)
        return True


def require_scope(caller: Caller, needed: str) -> None:
    """Refuse who lacks a scope; for what a body asks beyond the scope of its method. Raises Forbidden."""
    if needed not in caller.scopes:
        raise Forbidden(
            f"This needs the scope {needed}.",
            headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{needed}"'},
        )


def required_scope(view: Any, method: str) -> str | None:
    """Return the scope that `view` asks for `method`; HEAD reads like GET, odd methods need none."""
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get("GET" if method == "HEAD" else method)
