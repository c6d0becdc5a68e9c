"""manage.py create_api_key --workspace ID --name NAME [--scope maps:read …] [--days N] [--json]"""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from service.credentials import issue_credential
from service.models import Workspace


class Command(BaseCommand):
    help = "Make an API key of a workspace; its secret is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", type=uuid.UUID, required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--scope", action="append", choices=list(settings.SCOPES), help="default: all")
        parser.add_argument("--days", type=int, help="expires after so many days")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        at = datetime.now(UTC)
        if not Workspace.objects.filter(pk=options["workspace"]).exists():
            raise CommandError(f"There is no workspace {options['workspace']}.")
        row, secret = issue_credential(
            workspace_id=options["workspace"],
            kind="api_key",
            name=options["name"],
            scopes=options["scope"] or settings.SCOPES,
            expires_at=at + timedelta(days=options["days"]) if options["days"] else None,
            at=at,
        )
        answer = {"id": str(row.id), "secret": secret, "scopes": row.scopes}
        self.stdout.write(json.dumps(answer) if options["json"] else secret)
