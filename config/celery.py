"""The Celery application and beat's schedule.

Ticks only wake workers: what is due, who holds it and how often it was tried is truth in
Postgres (`service/due.py`), so two beats, a lost broker or a doubled message cost nothing.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

from config.collector import settle_collector
from service.checks import refuse_unfit_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("livingmaps")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in (
        ("pull due sources", "kpis.pull_sources", 2.0),
        ("work backfills of sources", "kpis.work_backfills", 5.0),
        ("read what endpoints took", "kpis.process_inbound", 2.0),
        ("rebuild dirty rollups", "kpis.rebuild_rollups", 10.0),
        ("notice what time alone changes", "kpis.sweep_freshness", 5.0),
        ("wake and settle findings", "kpis.tend_findings", 5.0),
        ("make and forget pictures", "journeys.keep_renditions", 5.0),
        ("forget what people said long ago", "kpis.forget_feedback", 3600.0),
        ("make room for readings, forget old ones", "kpis.keep_readings", 3600.0),
        ("forget old runs and messages", "kpis.forget_feeds", 3600.0),
        ("forget old events", "service.forget_events", 3600.0),
        ("forget stored answers", "service.forget_answers", 3600.0),
    )
}
app.conf.task_routes = {
    "kpis.pull_sources": {"queue": "pull"},
    "kpis.work_backfills": {"queue": "pull"},
    "kpis.process_inbound": {"queue": "ingest"},
    "kpis.*": {"queue": "maintain"},
    "journeys.*": {"queue": "maintain"},
    "service.*": {"queue": "maintain"},
}


@worker_init.connect
def refuse_to_work_unfit(**_: Any) -> None:
    """A worker refuses the same databases as the web does; Celery swallows any exception but this one."""
    try:
        refuse_unfit_database()
    except ImproperlyConfigured as problem:
        raise SystemExit(str(problem)) from problem


@worker_init.connect
def settle_to_work(**_: Any) -> None:
    """Before the pool forks: its children share what is loaded, and leave it alone."""
    settle_collector()
