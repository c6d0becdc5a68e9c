"""manage.py create_workspace NAME [--zone Europe/London] [--json]"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from service.errors import Problem
from service.serializers import WorkspaceIn, checked
from service.workspaces import create_workspace


class Command(BaseCommand):
    help = "Create a workspace: the tenant that owns maps and KPIs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--zone", default="UTC", help="IANA time zone of its calendar days")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            values = checked(WorkspaceIn, {"name": options["name"], "zone": options["zone"]})
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        workspace = create_workspace(at=datetime.now(UTC), **values)
        answer = {"workspace": str(workspace.id), "name": workspace.name, "zone": workspace.zone}
        self.stdout.write(json.dumps(answer) if options["json"] else f"Workspace {workspace.id}")
