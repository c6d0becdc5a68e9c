"""Every URL. Tenancy comes from the credential, so paths name resources only.

Where KPIs are involved, kpis serves a path in place of journeys: each path of the API is served once.
"""

import re

from django.urls import URLPattern, URLResolver, include, path

from journeys.urls import api as journeys_api
from kpis.urls import api as kpis_api
from kpis.urls import open_paths
from service.urls import api as service_api
from service.urls import docs, probes

handler400 = "service.problems.bad_request"
handler403 = "service.problems.permission_denied"
handler404 = "service.problems.not_found"
handler500 = "service.problems.server_error"


def _place(route: URLPattern) -> str:
    """Return the path without the names of its parameters."""
    return re.sub(r"<(?:\w+:)?\w+>", "<>", str(route.pattern))


_taken = {_place(route) for route in kpis_api}

urlpatterns: list[URLPattern | URLResolver] = [
    *probes,
    *docs,
    *open_paths,
    path("v1/", include(kpis_api)),
    path("v1/", include([route for route in journeys_api if _place(route) not in _taken])),
    path("v1/", include(service_api)),
]
