"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from service.checks import refuse_unfit_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

refuse_unfit_database()

# A map of 2,000 touchpoints is a hundred thousand objects that come and go together. To look for cycles among
# them at every 700 of these, as Python does by itself, takes nearly half the time of reading or merging it.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
