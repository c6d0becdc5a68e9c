"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# After set-up: tasks published by the web process need the configured Celery application.
from config.celery import app as celery_app  # noqa: E402
from service.checks import refuse_unfit_database  # noqa: E402

__all__ = ["application", "celery_app"]

refuse_unfit_database()
