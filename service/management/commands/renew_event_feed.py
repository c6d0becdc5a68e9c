"""manage.py renew_event_feed: after a restore from backup, void the cursors that readers hold."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand

from service.models import EventFeed, Workspace
from service.tenancy import workspace_transaction


class Command(BaseCommand):
    help = "Give every workspace's event feed a new epoch; run it after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for workspace_id in Workspace.objects.values_list("id", flat=True):
            with workspace_transaction(workspace_id):
                count += EventFeed.objects.filter(workspace_id=workspace_id).update(epoch=uuid.uuid4())
        self.stdout.write(f"{count} feeds begin anew.")
