"""Every URL. Tenancy comes from the credential, so paths name resources only."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerView

from service.urls import api as service_api
from service.urls import probes

handler400 = "service.problems.bad_request"
handler403 = "service.problems.permission_denied"
handler404 = "service.problems.not_found"
handler500 = "service.problems.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    *probes,
    path("v1/", include(service_api)),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerView.as_view(url_name="openapi")),
    path("docs/reference", SpectacularRedocView.as_view(url_name="openapi")),
]
