"""What a new service holds: the demo and the processes that feed it, or an empty workspace with a key.

Secrets are shown once by the service; here, on the operator's own machine, they are remembered (keys.json,
0600) so that a later `up` can print them again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from config.embedded.checks import manage
from config.embedded.data import DataDirectory
from config.embedded.ports import answers, free_port, taken
from config.embedded.refusal import Refusal
from config.embedded.supervisor import Supervisor


class Memory:
    """What keys.json remembers of one database."""

    def __init__(self, data: DataDirectory, content: str) -> None:
        given = os.environ.get("DATABASE_URL", "")
        base = hashlib.sha256(given.encode()).hexdigest()[:16] if given else "embedded"
        self.data, self.place = data, f"{base} {content}"

    def recall(self) -> dict[str, Any]:
        """Return what was remembered; empty the first time."""
        return dict(self.data.read("keys.json").get(self.place, {}))

    def remember(self, what: Mapping[str, Any]) -> dict[str, Any]:
        """Add to what is known; return all of it."""
        known = self.recall() | dict(what)
        self.data.write("keys.json", self.data.read("keys.json") | {self.place: known})
        return known


def feed_port(data: DataDirectory) -> int:
    """Return the demo feed's port, the same at every run: loaded sources name it. Raises Refusal."""
    memory = Memory(data, "feed")
    port = int(memory.recall().get("port", 0)) or free_port()
    if taken(port):
        if Memory(data, "demo").recall():
            raise Refusal(
                f"The demo's sources are on port {port}, which another program has taken: end that one, "
                "call `up --no-demo`, or start afresh with `python3 manage.py reset`.",
                status=1,
            )
        port = free_port()
    memory.remember({"port": port})
    return port


def load_demo(
    supervisor: Supervisor, environment: Mapping[str, str], url: str, feed_url: str
) -> dict[str, Any]:
    """Load the demo's maps and start the sender of their webhooks; return
    {"url", "api_key", "demo": {"page_url", "pages", …}}. Raises Refusal."""
    memory = Memory(supervisor.data, "demo")
    known = memory.recall()
    if not known or not answers(here(known["page_url"], known, url)):
        command = manage("load_demo", "--base-url", url, "--feed-url", feed_url)
        told = last_object(supervisor.run("load_demo", command, environment))
        if not told.get("api_key"):
            raise Refusal(
                "The demo is there, but not its key: it was loaded elsewhere, or its loading was killed. "
                "Call `up --no-demo`, or start afresh with `python3 manage.py reset`.",
                status=1,
            )
        known = memory.remember(told | {"url": url})
    supervisor.start("demo_webhooks", manage("demo_webhooks", "--base-url", url), environment)
    pages = {name: here(page, known, url) for name, page in known["pages"].items()}
    demo = {"page_url": here(known["page_url"], known, url), "pages": pages} | known["demo"]
    return {"url": url, "api_key": known["api_key"], "demo": demo}


def here(page: str, known: Mapping[str, Any], url: str) -> str:
    """Return a page's URL at this run's port; it was told with that of the run that loaded it."""
    return page.replace(known["url"], url, 1)


def make_workspace(supervisor: Supervisor, environment: Mapping[str, str], url: str) -> dict[str, Any]:
    """Make an empty workspace and a key of it, once; return {"url", "api_key", "demo": {}, "workspace"}."""
    memory = Memory(supervisor.data, "workspace")
    if not (known := memory.recall()):
        made = supervisor.run("create_workspace", manage("create_workspace", "Mine", "--json"), environment)
        workspace = last_object(made)["workspace"]
        command = manage("create_api_key", "--workspace", workspace, "--name", "up", "--json")
        key = last_object(supervisor.run("create_api_key", command, environment))
        known = memory.remember({"workspace": workspace, "api_key": key["secret"]})
    return {"url": url, "api_key": known["api_key"], "demo": {}, "workspace": known["workspace"]}


def last_object(output: str) -> dict[str, Any]:
    """Return the JSON object on the last line of a command's output."""
    return dict(json.loads(output.strip().splitlines()[-1]))
