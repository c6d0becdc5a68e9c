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
