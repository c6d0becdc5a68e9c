"""manage.py load_demo --base-url URL --feed-url URL: create the demo once; print one JSON object.

Secrets are known only when they are made: a second call answers with nulls in their place.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo import place
from config.demo.client import Api, Refused
from config.demo.loading import load
from service.credentials import issue_credential
from service.models import Due, Workspace
from service.workspaces import create_workspace


class Command(BaseCommand):
    help = "Load the two demo maps through the running service."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--feed-url", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        answer: dict[str, Any] = {"api_key": None, "page_url": None, "pages": None, "demo": None}
        if place.workspace() is None:
            answer = self._load(options["base_url"], options["feed_url"])
        self.stdout.write(json.dumps(answer))

    def _load(self, base_url: str, feed_url: str) -> dict[str, Any]:
        at = datetime.now(UTC)
        workspace = create_workspace(name=place.LOADING, zone="Europe/London", at=at)
        _, secret = issue_credential(
            workspace_id=workspace.id, kind="api_key", name="demo", scopes=settings.SCOPES, at=at
        )
        try:
            found = load(Api(base_url, secret), feed_url=feed_url, began=at)
        except (Refused, OSError) as refusal:
            Due.objects.filter(workspace=workspace).delete()  # nothing is pulled for what nobody sees
            raise CommandError(f"The service refused a part of the demo: {refusal}") from refusal
        Workspace.objects.filter(pk=workspace.pk).update(name=place.NAME)
        pages = found["pages"]
        return {
            "api_key": secret,
            "page_url": next(iter(pages.values())),
            "pages": pages,
            "demo": {"workspace": str(workspace.id), "maps": found["maps"]},
        }
