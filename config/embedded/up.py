"""`manage.py up`: the whole service on this machine, from nothing to a page that lives.

Order: servers, migrations (as owner), web + worker + beat, readiness, demo; then the logs until Ctrl-C.
Stopping goes the other way. A second `up` on the same data prints what the first serves.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.embedded import processes
from config.embedded.checks import manage
from config.embedded.children import wait_until
from config.embedded.data import DataDirectory, default_place, write_privately
from config.embedded.demo import feed_port, load_demo, make_workspace
from config.embedded.migrated import is_migrated, note_migrated
from config.embedded.orphans import end_orphans
from config.embedded.ports import answers, free_port, taken
from config.embedded.refusal import Refusal
from config.embedded.servers import Servers
from config.embedded.supervisor import Interrupted, Supervisor, deaf, interruptible

DATABASE = "living_maps"
# What the service may never use: it runs as the role that owns nothing.
OWNERS_ONLY = ("OWNER_DATABASE_URL", "SUPERUSER_DATABASE_URL")


def up(arguments: Sequence[str]) -> int:
    """Run the command until it is asked to stop; return its exit status. Raises Refusal."""
    options = _parse(arguments)
    data = DataDirectory(options.data)
    data.prepare()
    if options.ready_file:
        if not options.ready_file.absolute().parent.is_dir():
            raise Refusal(f"There is no directory {options.ready_file.parent} for the ready file.")
        options.ready_file.unlink(missing_ok=True)
    with interruptible():
        try:
            if data.lock():
                _Run(data, options).serve()
            else:
                _attach(data, options)
        except Interrupted:
            pass
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="manage.py up", description="Run the whole service on this machine."
    )
    parser.add_argument(
        "--port", type=int, default=8000, help="of the web server; 0 takes a free one (default 8000)"
    )
    parser.add_argument("--data", type=Path, default=default_place(), metavar="DIR", help="default .data")
    parser.add_argument("--no-demo", action="store_true", help="an empty workspace in place of the demo")
    parser.add_argument(
        "--ready-file", type=Path, metavar="PATH", help="gets URL and key (JSON) once all answers"
    )
    return parser.parse_args(arguments)


class _Run:
    """One run, from the locked data directory on."""

    def __init__(self, data: DataDirectory, options: argparse.Namespace) -> None:
        self.data, self.options = data, options
        self.began = time.monotonic()
        self.supervisor = Supervisor(data)

    def serve(self) -> None:
        """Start everything, say so, follow the logs; whatever ends it, stop everything."""
        end_orphans(self.data)
        port = _web_port(self.options.port)
        servers = Servers(self.data)
        try:
            settings = self._environment(servers.start(DATABASE), port)
            self.supervisor.servers = servers.processes()
            self.tell("servers run" if servers.processes() else "servers are given")
            ready = self._start(settings, port)
            self._announce(settings, ready)
            self.supervisor.follow()
        finally:
            deaf()
            self.tell("stopping")
            self.supervisor.stop()
            servers.stop()
            self.data.forget("state.json")
            self.tell("stopped")

    def tell(self, what: str) -> None:
        """Print a line of progress; a terminal that is gone must not keep us from stopping."""
        with contextlib.suppress(OSError):
            print(f"[{time.monotonic() - self.began:5.1f} s] {what}", flush=True)

    def _environment(self, servers: dict[str, str], port: int) -> dict[str, str]:
        """Return the settings of this run; the operator's own win over our defaults."""
        defaults = {
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PROMETHEUS_MULTIPROC_DIR": str(self.data.fresh_directory("metrics")),
            "OUTBOUND_ALLOW_LOOPBACK": "1",  # the demo's feed, and what a developer runs beside us
            "OUTBOUND_ALLOW_HTTP": "1",
            "OUTBOUND_PORTS": "80,443,8443",
        }
        if not self.options.no_demo:
            self.feed_port = feed_port(self.data)
            defaults["OUTBOUND_PORTS"] += f",{self.feed_port}"
        own = {name: os.environ.get(name, value) for name, value in defaults.items()}
        return own | {"DJANGO_SETTINGS_MODULE": "config.settings"} | servers

    def _start(self, settings: dict[str, str], port: int) -> dict[str, Any]:
        """Migrate, start the service's processes, wait for them; return what to announce."""
        supervisor, url = self.supervisor, f"http://127.0.0.1:{port}"
        environment = dict(os.environ) | settings | {"LIVING_MAPS_BOOTSTRAP": "0", "PYTHONUNBUFFERED": "1"}
        embedded = "SUPERUSER_DATABASE_URL" in settings
        if not (embedded and is_migrated(settings["OWNER_DATABASE_URL"])):
            supervisor.run("migrate", manage("migrate", "--database=owner", "-v", "0"), environment)
            supervisor.run("partitions", manage("make_partitions"), environment)
            if embedded:
                note_migrated(settings["OWNER_DATABASE_URL"])
        self.tell("database is migrated")
        service = {name: value for name, value in environment.items() if name not in OWNERS_ONLY}
        supervisor.start("web", processes.web("127.0.0.1", port), service)
        supervisor.start("worker", processes.worker(), service)
        supervisor.start("beat", processes.beat(self.data.path / "beat" / "schedule"), service)
        if not self.options.no_demo:
            supervisor.start("demo_feed", manage("demo_feed", "--port", str(self.feed_port)), service)
        self._keep_state(settings)
        supervisor.wait("The web server", lambda: answers(f"{url}/readyz"), name="web")
        self.tell("web answers")
        # Their banners, which no log level silences, come when all code is loaded.
        supervisor.wait("The worker", lambda: supervisor.logged("worker", "[queues]"), name="worker")
        supervisor.wait("The beat", lambda: supervisor.logged("beat", "is starting."), name="beat")
        self.tell("worker and beat run")
        if self.options.no_demo:
            return make_workspace(supervisor, service, url)
        ready = load_demo(supervisor, service, url, f"http://127.0.0.1:{self.feed_port}")
        self.tell("demo is loaded")
        return ready

    def _keep_state(self, settings: dict[str, str], **more: Any) -> None:
        """Let other commands find the servers, and the next `up` what we leave if we are killed."""
        noted = {child.pid: " ".join(argv) for child, argv in self.supervisor.started}
        state = {"supervisor": os.getpid(), "environment": settings, "processes": noted}
        self.data.write("state.json", state | more)

    def _announce(self, settings: dict[str, str], ready: dict[str, Any]) -> None:
        self._keep_state(settings, ready=ready)
        if self.options.ready_file:
            write_privately(self.options.ready_file.absolute(), ready)
        self.tell("ready")
        print(_banner(ready, self.data.path))
        print("Ctrl-C stops everything; the logs follow.\n", flush=True)


def _attach(data: DataDirectory, options: argparse.Namespace) -> None:
    """Print what the running `up` serves, once it serves. Raises Refusal when it ends before."""
    print(f"Another `up` (process {data.holder()}) runs on {data.path}.", flush=True)
    if not wait_until(lambda: "ready" in data.running() or data.holder() is None, within_s=180, every_s=0.2):
        raise Refusal("It is not ready after three minutes; look at its terminal.", status=1)
    if not (ready := data.running().get("ready")):
        raise Refusal("It ended before it was ready: call `up` again.", status=1)
    if options.ready_file:
        write_privately(options.ready_file.absolute(), ready)
    print(_banner(ready, data.path), flush=True)


def _banner(ready: dict[str, Any], data: Path) -> str:
    rows = [("API docs", f"{ready['url']}/docs"), ("API key", ready["api_key"]), ("data", str(data))]
    if demo := ready["demo"]:
        others = [(name, page) for name, page in demo["pages"].items() if page != demo["page_url"]]
        rows = [("page", demo["page_url"]), *others, *rows]
    width = max(len(name) for name, _ in rows)
    return "\n" + "".join(f"  {name:<{width}}  {value}\n" for name, value in rows)


def _web_port(wanted: int) -> int:
    if wanted == 0:
        return free_port()
    try:
        if taken(wanted):
            raise Refusal(
                f"Port {wanted} is taken by another program: "
                "choose one with --port, or --port 0 for a free one.",
                status=1,
            )
    except (PermissionError, OverflowError):
        raise Refusal(
            f"Port {wanted} is not ours to open: choose one from 1024 to 65535 with --port."
        ) from None
    return wanted
