"""Celery's part: wake, call one action, hold no truth. Beat ticks; a commit pokes to save the wait."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from kpis.actions import feeds_kept, inbound, pulling
from kpis.actions.backfills_work import work_due_backfills
from kpis.actions.feedback_kept import forget_feedback as forget
from kpis.actions.findings_due import tend_due
from kpis.actions.freshness import sweep_due
from kpis.actions.retention import expire_due, make_coming_partitions
from kpis.actions.rollups import rebuild_due

SWEPT_AT_ONCE = 100
TENDED_AT_ONCE = 100


@shared_task(name="kpis.pull_sources")
def pull_sources() -> None:
    """Pull what is due, slice after slice for a while; more than that is another message's work."""
    if pulling.pull_slices(clock=lambda: datetime.now(UTC)):
        pull_sources.delay()


@shared_task(name="kpis.work_backfills")
def work_backfills() -> None:
    """Work some windows; where there were any there may be more."""
    if work_due_backfills(at=datetime.now(UTC)):
        work_backfills.delay()


@shared_task(name="kpis.process_inbound")
def process_inbound() -> None:
    """Read what was stored; a full slice means there is more."""
    if inbound.process_due_events(at=datetime.now(UTC)) == inbound.SLICE:
        process_inbound.delay()


@shared_task(name="kpis.rebuild_rollups")
def rebuild_rollups() -> None:
    rebuild_due(at=datetime.now(UTC))


@shared_task(name="kpis.sweep_freshness")
def sweep_freshness() -> None:
    sweep_due(at=datetime.now(UTC), limit=SWEPT_AT_ONCE)


@shared_task(name="kpis.tend_findings")
def tend_findings() -> None:
    tend_due(at=datetime.now(UTC), limit=TENDED_AT_ONCE)


@shared_task(name="kpis.forget_feedback")
def forget_feedback() -> None:
    forget(at=datetime.now(UTC))


@shared_task(name="kpis.forget_feeds")
def forget_feeds() -> None:
    """Delete what workspaces no longer keep of runs of sources and of messages."""
    feeds_kept.forget_feeds(at=datetime.now(UTC))


@shared_task(name="kpis.keep_readings")
def keep_readings() -> None:
    """Make room for readings of the coming years, and delete what workspaces no longer keep."""
    at = datetime.now(UTC)
    make_coming_partitions(at=at)
    expire_due(at=at)
