"""Liveness, readiness, metrics: no credential, no workspace, no transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View

from service import health
from service.openapi import plain_operation
from service.telemetry import exposition


def _object(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


_FLAG = {"type": "boolean"}
_READINESS = _object(
    ready=_FLAG,
    checks=_object(
        database=_FLAG,
        migrations=_FLAG,
        broker=_FLAG,
        due_lag_s={"type": ["number", "null"]},
        partitions=_FLAG,
    ),
)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Livez(View):
    """200 while the process answers; asks nobody."""

    openapi = {
        "get": plain_operation(
            "getLiveness",
            "Tell that the process answers",
            tag="Probes",
            answers={200: ("It answers.", _object(status={"type": "string"}))},
        )
    }

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "alive"})


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Readyz(View):
    """200 when this process can serve, else 503; the body names each check."""

    openapi = {
        "get": plain_operation(
            "getReadiness",
            "Tell whether the process can serve",
            tag="Probes",
            answers={200: ("It can serve.", _READINESS), 503: ("It cannot serve now.", _READINESS)},
        )
    }

    def get(self, request: HttpRequest) -> HttpResponse:
        report = health.readiness(at=datetime.now(UTC))
        response = JsonResponse(report.as_dict(), status=200 if report.ready else 503)
        if not report.ready:
            response["Retry-After"] = "5"
        return response


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Metrics(View):
    """Prometheus exposition. Expose it to the scraper alone (docs/operations.md)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            body = exposition(health.measure(at=datetime.now(UTC)))
        except Error:
            connection.close()
            body = exposition([])
        return HttpResponse(body, content_type="text/plain; version=0.0.4; charset=utf-8")
