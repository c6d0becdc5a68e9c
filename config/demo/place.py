"""Where the demo lives: its workspace by name. The replay's clock starts when that was created."""

from __future__ import annotations

from datetime import datetime

from service.models import Workspace

NAME = "Living Maps demo"
# Until all of it is there: a load that broke off is not the demo, and the next one begins anew.
LOADING = f"{NAME} (loading)"


def workspace() -> Workspace | None:
    return Workspace.objects.filter(name=NAME).order_by("created_at").first()


def began(at: datetime) -> datetime:
    """Return when the replay began; `at` while the demo is not loaded yet."""
    found = workspace()
    return found.created_at if found else at
