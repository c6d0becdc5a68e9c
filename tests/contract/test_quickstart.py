"""Quick starts and guides, run as they stand: curl, the generated client, a signed webhook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.running import ROOT
from tests.conftest import Tenant
from tests.stories.running import Api, Running, running_service, until

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Running]:
    with running_service(tmp_path_factory.mktemp("quickstart")) as running:
        yield running


def run(argv: list[str], service: Running, tenant: Tenant, **more: str) -> str:
    """Run a quick start and return what it prints; a failure shows both its outputs."""
    environment = {**os.environ, "LIVING_MAPS_URL": service.url, "LIVING_MAPS_KEY": tenant.secret, **more}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")


def commands_of(guide: str) -> list[str]:
    """Return what a guide has its reader run."""
    text = (DOCS / "guides" / guide).read_text()
    return re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_guides_can_be_followed_one_after_the_other() -> None:
    """On one workspace: no two of them make a KPI of the same key."""
    made = {
        guide.name: set(
            re.findall(r"/v1/kpis --data '\{\"key\": \"([^\"]+)", "\n".join(commands_of(guide.name)))
        )
        for guide in (DOCS / "guides").glob("*.md")
    }
    keys = [key for found in made.values() for key in found]
    assert "visits" in keys
    assert sorted(keys) == sorted(set(keys))


@needs_curl
def test_with_curl(service: Running, tenant: Tenant) -> None:
    live = json.loads(run(["bash", str(DOCS / "quickstart.sh")], service, tenant))
    (figure,) = [figure for place in live["live"].values() for figure in place.get("kpis", [])]
    assert (figure["value"], figure["status"], figure["trend"]["verdict"]) == (0.3, "warn", "worse")


@needs_curl
def test_bring_your_map(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order."""
    script = tmp_path / "guide.sh"
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands_of("bring-your-map.md")]))
    told = run(["bash", str(script)], service, tenant).splitlines()
    assert told[0] == "created"
    assert told[1:4] == ["unchanged", "The cat sits on the keyboard", "day.html lives"]
    assert "'emotion_scale'" in told[4]
    assert told[5:8] == ["created", "changed", "changed"]
    assert told[8].startswith("/")
    assert told[9:] == ["# Claiming Carer's Allowance"]


@needs_curl
def test_improvements(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order."""
    script = tmp_path / "guide.sh"
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands_of("improvements.md")]))
    told = run(["bash", str(script)], service, tenant).splitlines()
    says = told.pop(5)
    assert "does not prove" in says
    assert told == ["live", "0.6", "0.68", "more_than_noise", "True", "4", "no_period_over"]


@needs_curl
def test_webhooks_in(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order."""
    script = tmp_path / "guide.sh"
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands_of("webhooks-in.md")]))
    told = run(["bash", str(script)], service, tenant).splitlines()
    assert told == ["True", "0.5", "2026-09-01T00:00:00Z", "True"]


@needs_curl
def test_pulling(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order."""
    script = tmp_path / "guide.sh"
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands_of("pulling.md")]))
    assert run(["bash", str(script)], service, tenant).splitlines() == ["1234", "1", "2", "1310"]


@needs_curl
def test_pushing_figures(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order."""
    script = tmp_path / "guide.sh"
    commands = commands_of("pushing-figures.md")
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands]))
    told = run(["bash", str(script)], service, tenant).splitlines()
    assert told[:2] == ["created", "0.691588785047"]
    assert told[2:6] == ["reading_conflict", "corrected", "2", "negative"]
    assert told[6:] == ["2", "Must be a number with a point: 1234.5.", "3"]


@needs_curl
def test_churn_and_cohorts(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order."""
    script = tmp_path / "guide.sh"
    commands = commands_of("churn-and-cohorts.md")
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands]))
    told = run(["bash", str(script)], service, tenant).splitlines()
    assert told == ["no_base", "0.08", "-2", "0.5", "1"]


@needs_curl
def test_what_travels_with_a_figure(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order."""
    script = tmp_path / "guide.sh"
    commands = commands_of("what-travels-with-a-figure.md")
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands]))
    told = run(["bash", str(script)], service, tenant).splitlines()
    assert told == ["1204", "suspect", "suspect", "current", "3", "3", "3", "0.25", "100"]


@needs_curl
def test_being_told(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    """The guide's own commands, in their order; the end of the silence is told by the worker."""
    script = tmp_path / "guide.sh"
    commands = commands_of("being-told.md")
    script.write_text("\n".join(["set -euo pipefail", f"cd {tmp_path}", *commands]))
    told = run(["bash", str(script)], service, tenant).splitlines()
    assert told[:6] == ["finding.opened", "['#claims']", "breach", "20 / 100", "[]", "acknowledged"]
    assert told[6:] == ["closed", "[]", '"told_closed"', "Ana", "0", "0.9", "Claim"]
    assert "Claim" in (tmp_path / "overview.html").read_text()
    shown = (tmp_path / "overview.svg").read_text()
    assert "Claim" in shown
    assert "Ana" not in shown


def test_with_the_generated_client(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    generator = [sys.executable, "-m", "openapi_python_client", "generate"]
    bin_first = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    made = subprocess.run(
        [*generator, "--path", str(DOCS / "openapi.json"), "--output-path", str(tmp_path / "client")],
        env={**os.environ, "PATH": bin_first},  # it formats with ruff
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "WARNING" not in made.stdout.upper(), made.stdout
    told = run(
        [sys.executable, str(DOCS / "quickstart_client.py")],
        service,
        tenant,
        PYTHONPATH=str(tmp_path / "client"),
    )
    assert "first change 200, the same again 412" in told
    assert "Waiting time 2010" in told
    assert "breach" in told


def test_with_a_signed_webhook(service: Running, tenant: Tenant) -> None:
    told = run([sys.executable, str(DOCS / "quickstart_webhook.py")], service, tenant)
    assert "'accepted': True" in told
    api = Api(service.url, tenant.secret)
    path = "/v1/inbound-events?endpoint=survey"
    until("the answer is read", lambda: api.call("GET", path).json["results"][0]["state"] == "processed")
