"""Liveness, readiness, metrics: no credential, no workspace, no transaction."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View

from service import health
from service.telemetry import exposition


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Livez(View):
    """200 while the process answers; asks nobody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"status": "alive"})


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Readyz(View):
    """200 when this process can serve, else 503; the body names each check."""

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
