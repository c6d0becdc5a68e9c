"""The Celery application and beat's schedule.

Ticks only wake workers: what is due, who holds it and how often it was tried is truth in
Postgres (`service/due.py`), so two beats, a lost broker or a doubled message cost nothing.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("livingmaps")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in (
        ("pull due sources", "kpis.pull_sources", 2.0),
        ("read what endpoints took", "kpis.process_inbound", 2.0),
        ("rebuild dirty rollups", "kpis.rebuild_rollups", 10.0),
        ("notice what time alone changes", "kpis.sweep_freshness", 5.0),
        ("forget stored answers", "service.forget_answers", 3600.0),
    )
}
app.conf.task_routes = {
    "kpis.pull_sources": {"queue": "pull"},
    "kpis.process_inbound": {"queue": "ingest"},
    "kpis.*": {"queue": "maintain"},
    "service.*": {"queue": "maintain"},
}
