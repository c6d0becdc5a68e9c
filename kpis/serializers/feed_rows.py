"""Rows of feeds as the plain data that the API shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpis.models.inbound import InboundEndpoint, InboundEvent, InboundRules
from kpis.models.sources import Source, SourceRun
from kpis.queries.feeds import EndpointHealth
from service.providers.provider import Provider
from service.providers.table import PROVIDERS
from service.resources import shown_resource


def source_out(row: Source, next_run_at: datetime | None, at: datetime) -> dict[str, Any]:
    return {
        **shown_resource(row),
        "name": row.name,
        "type": row.type,
        "config": row.config,
        "secret_set": row.secret is not None,
        "needs_secret": row.needs_secret,
        "mappings": row.mappings,
        "schedule": row.schedule,
        "enabled": row.enabled,
        "catch_up": row.catch_up,
        "status": {
            "state": _state(row),
            "failures": row.failures,
            "last_run_at": row.last_run_at,
            "last_success_at": row.last_success_at,
            "last_error": row.last_error,
            "next_run_at": next_run_at if row.enabled else None,
            "circuit": _circuit(row, next_run_at if row.enabled else None, at),
        },
    }


def _circuit(row: Source, next_run_at: datetime | None, at: datetime) -> dict[str, Any]:
    if row.circuit_opened_at is None:
        return {"state": "closed", "since": None, "next_try_at": None}
    trying = next_run_at is not None and next_run_at <= at
    return {
        "state": "half_open" if trying else "open",
        "since": row.circuit_opened_at,
        "next_try_at": next_run_at,
    }


def _state(row: Source) -> str:
    if not row.enabled:
        return "disabled"
    if row.needs_secret:
        return "needs_secret"
    if row.broken:
        return "broken"
    if row.failures:
        return "failing"
    return "ok" if row.last_success_at else "new"


def run_out(row: SourceRun) -> dict[str, Any]:
    names = ("id", "slot_at", "created_at", "finished_at", "status", "error", "counts", "issues")
    return {name: getattr(row, name) for name in names} | {"backfill": row.backfill_id}


def endpoint_out(row: InboundEndpoint, health: EndpointHealth) -> dict[str, Any]:
    return {
        **shown_resource(row),
        "name": row.name,
        "provider": row.provider,
        "envelope": row.envelope,
        "verification": row.verification,
        "event": row.event,
        "fetch": row.fetch,
        "fetch_secret_set": row.fetch_secret is not None,
        "awaiting_secret": row.secret is None and not PROVIDERS[row.provider].secretless,
        "previous_secret_expires_at": row.previous_expires_at,
        "held": health.held,
        "unmatched_rate": health.unmatched_rate,
        "unmatched_rate_estimated": health.estimated,
        "rules": row.rules,
        "rules_version": row.rules_version,
        "enabled": row.enabled,
        "last_event_at": row.last_event_at,
        "last_rejected_at": row.last_rejected_at,
        "last_rejection": row.last_rejection,
    }


def event_out(row: InboundEvent) -> dict[str, Any]:
    return {
        "id": row.id,
        "endpoint": row.endpoint_id,
        "message_id": row.message_id,
        "type": row.type,
        "occurred_at": row.occurred_at,
        "state": row.state,
        "attempts": row.attempts,
        "rules_version": row.rules_version,
        "counts": row.counts,
        "issues": row.issues,
        "error": row.error,
        "created_at": row.created_at,
        "processed_at": row.processed_at,
        "body_gone_at": row.body_gone_at,
    }


def provider_out(row: Provider) -> dict[str, Any]:
    secret = "none" if row.secretless else "ours" if row.minted else "theirs"
    names = ("key", "title", "proof", "judged_by")
    return {name: getattr(row, name) for name in names} | {
        "secret": secret,
        "verification": list(row.settings),
    }


def rules_out(row: InboundRules) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("version", "rules", "created_at")}
