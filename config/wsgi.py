"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from config.collector import settle_collector
from service.checks import refuse_unfit_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

refuse_unfit_database()

settle_collector()
