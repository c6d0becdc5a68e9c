"""The ground of all benches: the peers' tables, a workspace, a map of 64 touchpoints, requests in process.

Requests go through the whole WSGI application in this process: middleware, routing, credential, transaction.
The network and the server are left out for both sides, which favours the constant view, our limit.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from pghistory.models import Context

from service.credentials import issue_credential
from service.models import Workspace
from service.workspaces import create_workspace

STAGES, TOUCHPOINTS_A_STAGE, KPIS_A_TOUCHPOINT, POINTS = 8, 8, 3, 30


@dataclass(frozen=True)
class Ground:
    """The workspace of a bench and a key that may do everything in it."""

    workspace: Workspace
    secret: str


def prepare() -> None:
    """Create the peers' tables as the owner and let the app role use them, as for our own."""
    owner = connections["owner"]
    labels = ("reversion", "pghistory", "peers")
    tables = [
        model
        for label in labels
        for model in apps.get_app_config(label).get_models()
        if model._meta.managed and not model._meta.proxy
    ]
    with owner.schema_editor() as editor:
        for model in tables:
            editor.create_model(model)
    Context.install_pgh_attach_context_func(using="owner")
    for model in tables:
        for trigger in getattr(model._meta, "triggers", ()):
            trigger.install(model, database="owner")
    with owner.cursor() as cursor:
        for model in tables:
            cursor.execute(f'GRANT ALL ON "{model._meta.db_table}" TO "{settings.APP_ROLE}"')


def make_ground(name: str) -> Ground:
    at = datetime.now(UTC)
    workspace = create_workspace(name=name, at=at)
    _, secret = issue_credential(
        workspace_id=workspace.id, kind="api_key", name="bench", scopes=settings.SCOPES, at=at
    )
    return Ground(workspace, secret)


def document(name: str) -> dict[str, Any]:
    """Return a map of 64 touchpoints with the texts that maps have."""
    return {
        "name": name,
        "stages": [
            {
                "key": f"stage-{s}",
                "name": f"Stage {s}",
                "customer_goal": "Reach the next step without asking anybody",
                "touchpoints": [_touchpoint(s, t) for t in range(TOUCHPOINTS_A_STAGE)],
            }
            for s in range(STAGES)
        ],
    }


def _touchpoint(s: int, t: int) -> dict[str, Any]:
    dice = random.Random(f"{s}.{t}")

    def items(count: int) -> list[dict[str, str]]:
        return [{"text": _sentence(dice), "evidence": "observed"} for _ in range(count)]

    return {
        "key": f"t-{s}-{t}",
        "name": f"Touchpoint {s}.{t}",
        "channels": ["web", "email"],
        "owner": "Service team",
        "importance": 0.5,
        "emotions": [{"value": (s + t) % 5 - 2, "scale": "smaply"}],
        "actions": items(2),
        "thoughts": items(1),
        "pains": items(1),
        "opportunities": items(1),
    }


def _sentence(dice: random.Random) -> str:
    """Return ten words of two to four syllables: text that compresses about as natural text does."""
    words = ("".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))) for _ in range(10))
    return " ".join(words).capitalize() + "."


_SYLLABLES = [
    first + second for first in "bdfgklmnprstvw" for second in ("a", "e", "i", "o", "u", "an", "er")
]
_application = None


def request(
    ground: Ground, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request through the WSGI application and return (status, headers, body)."""
    global _application
    _application = _application or get_wsgi_application()
    route, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": route,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "CONTENT_TYPE": "application/json" if body else "",
        "HTTP_AUTHORIZATION": f"Bearer {ground.secret}",
        **{f"HTTP_{name.upper()}": value for name, value in headers.items() if name != "content_type"},
    }
    if "content_type" in headers:
        environ["CONTENT_TYPE"] = headers["content_type"]
    told: dict[str, Any] = {}

    def start(status: str, sent: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
        told["status"], told["headers"] = int(status[:3]), dict(sent)

    response = _application(environ, start)
    try:
        content = b"".join(response)
    finally:
        response.close()
    return told["status"], told["headers"], content


def scalar(sql: str, params: list[Any] | None = None) -> Any:
    """Return the first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return row[0] if row else None
