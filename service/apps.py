from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "service"

    def ready(self) -> None:
        from service import checks  # noqa: F401 (registers the system checks; needs loaded apps)
