"""The service's URLs and the peers'."""

from django.urls import path

from bench.peers import views
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as service_urls

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [
    *service_urls,
    path("peer/constant", views.Constant.as_view()),
    path("peer/live/<int:map_id>", views.NestedLive.as_view()),
    path("peer/readings", views.BulkReadings.as_view()),
]
