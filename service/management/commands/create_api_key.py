"""manage.py create_api_key --workspace ID --name NAME [--scope maps:read …] [--days N] [--json]"""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from service.errors import Problem
from service.keys import create_api_key
from service.models import Workspace
from service.serializers import ApiKeyIn, checked


def _days(text: str) -> int:
    """0 would mean a key that is dead already, and must not come to mean one that never ends."""
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise ArgumentTypeError("1 to 3650 days")
    return int(text)


class Command(BaseCommand):
    help = "Make an API key of a workspace; its secret is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", type=uuid.UUID, required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--scope", action="append", choices=list(settings.SCOPES), help="default: all")
        parser.add_argument("--days", type=_days, help="expires after so many days (1 to 3650)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        at = datetime.now(UTC)
        if not Workspace.objects.filter(pk=options["workspace"]).exists():
            raise CommandError(f"There is no workspace {options['workspace']}.")
        wanted = {"name": options["name"], "scopes": options["scope"] or list(settings.SCOPES)}
        if options["days"] is not None:
            wanted["expires_at"] = (at + timedelta(days=options["days"])).isoformat()
        try:
            values = checked(ApiKeyIn, wanted)
            row, secret = create_api_key(workspace_id=options["workspace"], values=values, at=at)
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        answer = {"id": str(row.id), "secret": secret, "scopes": row.scopes}
        self.stdout.write(json.dumps(answer) if options["json"] else secret)
