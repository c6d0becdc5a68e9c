"""manage.py demo_webhooks --base-url URL: send the made-up life of the subscription demo, signed.

The endpoint's URL was shown once, when it was made; as an operator's command this one issues itself
another ingress token, and revokes the one of its last run.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.demo import generator, place, subscription
from config.demo.client import Refused, post_signed
from kpis.queries.feeds import endpoint
from service.credentials import issue_credential, revoke_credential
from service.models import Credential
from service.signing import sign
from service.tenancy import workspace_transaction
from service.vault import open_sealed

NAME = "demo generator"
EVERY = timedelta(seconds=4)


class Command(BaseCommand):
    help = "Feed the subscription demo with signed webhooks until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = place.workspace()
        if workspace is None:
            raise CommandError("Load the demo first: manage.py load_demo.")
        at = datetime.now(UTC)
        with workspace_transaction(workspace.id):
            target = endpoint(workspace.id, subscription.ENDPOINT)
            for former in Credential.objects.filter(target_id=target.id, name=NAME, revoked_at=None):
                revoke_credential(workspace_id=workspace.id, credential_id=former.id, at=at)
            _, token = issue_credential(
                workspace_id=workspace.id,
                kind="ingress_token",
                name=NAME,
                scopes=[],
                target_id=target.id,
                at=at,
            )
            self.secret = open_sealed(bytes(target.secret))
            heard_before = target.last_event_at is not None
        self.url = f"{options['base_url']}/hooks/{token}"
        self._send_all(at, with_past=not heard_before)

    def _send_all(self, at: datetime, *, with_past: bool) -> None:
        for number, items in enumerate(_messages(at, with_past)):
            self._send(f"demo_{int(at.timestamp())}_{number}", items)

    def _send(self, message_id: str, items: list[generator.Item]) -> None:
        body = json.dumps({"type": "demo.happened", "data": items}).encode()
        stamp = int(time.time())
        headers = {
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(message_id, stamp, body, [self.secret]),
        }
        try:
            post_signed(self.url, message_id, body, headers)
        except (Refused, OSError) as error:
            # A sender goes on: what was lost is in the next running figures.
            self.stderr.write(f"not delivered: {error}")


def _messages(at: datetime, with_past: bool) -> Iterator[list[generator.Item]]:
    if with_past:
        yield from generator.past(at)
    while True:
        time.sleep(EVERY.total_seconds())
        yield generator.present(datetime.now(UTC), EVERY)
