"""`manage.py up` as its user meets it: ready, attached to, crashed, stopped, erased. No demo here."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import stat
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.children import Account
from config.embedded.programs import can_run
from tests.config.running import ROOT, Machine, machine, until

LINUX_ONLY = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.fixture
def here() -> Iterator[Machine]:
    with machine() as one:
        yield one


def get(url: str, key: str = "") -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


def child_named(here: Machine, words: str) -> int:
    """Return the id of the first started process whose command line has `words`."""
    return min(pid for pid, command in here.processes().items() if words in command)


@LINUX_ONLY
def test_a_day_with_up(here: Machine) -> None:
    """Ready file, service, second `up`, commands on the running service, `down`: in one run."""
    first, ready = here.up()
    assert set(ready) == {"url", "api_key", "demo", "workspace"}
    assert stat.S_IMODE(here.data.with_name("data.ready.json").stat().st_mode) == 0o600
    assert get(f"{ready['url']}/readyz")[0] == 200
    assert get(f"{ready['url']}/v1/me", ready["api_key"])[0] == 200

    other = here.data.with_name("second.json")
    status, output = here.run("up", "--data", str(here.data), "--ready-file", str(other))
    assert (status, json.loads(other.read_text())) == (0, ready), output
    assert ready["api_key"] in output

    web = child_named(here, "granian")
    environment = (Path("/proc") / str(web) / "environ").read_bytes()
    assert b"OWNER_DATABASE_URL" not in environment
    assert b"SUPERUSER_DATABASE_URL" not in environment

    port = ready["url"].rpartition(":")[2]
    status, output = here.run("up", "--no-demo", "--port", port, "--data", f"{here.data}-b")
    assert (status, f"Port {port} is taken" in output) == (1, True), output
    here.run("reset", "--data", f"{here.data}-b")

    here.environment["LIVING_MAPS_DATA"] = str(here.data)
    status, output = here.run("psql", "-Atc", "SELECT name FROM workspace")
    assert (status, output.strip()) == (0, "Mine")
    status, output = here.run("psql", "--role", "app", "-Atc", "SELECT current_user")
    assert (status, output.strip()) == (0, "app")
    status, output = here.run("create_workspace", "Second", "--json")
    assert (status, json.loads(output)["name"]) == (0, "Second"), output

    assert here.run("down")[0] == 0
    assert first.wait(5) == 0
    assert here.left() == {}
    assert here.run("down") == (0, f"Nothing runs on {here.data}.\n")


@LINUX_ONLY
def test_a_killed_supervisor_leaves_nothing_and_loses_nothing(here: Machine) -> None:
    """With the demo: its pages open without a key, at whatever port the service has this time."""
    first, before = here.up(demo=True)
    assert set(before["demo"]) >= {"page_url", "pages"}
    status, page = get(before["demo"]["page_url"])
    assert status == 200
    assert b"<svg" in page
    left = set(here.processes()) - {first.pid}
    os.kill(first.pid, signal.SIGKILL)

    # At once, while the children are still ending: `up` has to cope, as its user will.
    second, after = here.up(demo=True)
    assert not left & set(here.processes())
    told = json.dumps(before).replace(before["url"], after["url"])
    assert json.loads(told) == after
    for page_url in after["demo"]["pages"].values():
        assert get(page_url)[0] == 200
    assert get(f"{after['url']}/v1/me", before["api_key"])[0] == 200
    for name in ("demo_feed --port", "demo_webhooks --base-url"):
        assert child_named(here, name)

    os.kill(second.pid, signal.SIGINT)
    output, _ = second.communicate(timeout=120)
    assert second.returncode == 0, output
    assert here.left() == {}
    for name, words in {
        "postgres": "database system is shut down",
        "valkey": "bye bye",
        "worker": "Warm shutdown",
        "web": "Granian shutdown completed",
    }.items():
        assert words in (here.data / "logs" / f"{name}.log").read_text()


@LINUX_ONLY
def test_a_supervisor_killed_while_it_starts_leaves_nothing(here: Machine) -> None:
    first = here.start("up", "--no-demo", "--port", "0", "--data", str(here.data))
    assert until(lambda: any("granian" in command for command in here.processes().values()), within_s=60)
    os.kill(first.pid, signal.SIGKILL)
    assert here.left() == {}


@LINUX_ONLY
@pytest.mark.parametrize("words", ["pgdata", "granian"])
def test_a_dead_process_ends_the_run(here: Machine, words: str) -> None:
    """The database takes the workers' ground away; the web server leaves workers of its own behind."""
    first, _ = here.up()
    os.kill(child_named(here, words), signal.SIGKILL)
    output, _ = first.communicate(timeout=120)
    assert first.returncode == 1
    assert "ended by itself (status -9); its last words:" in output
    assert here.left() == {}


def test_a_failing_step_says_why(here: Machine) -> None:
    here.environment["VAULT_KEYS"] = "not a key"
    status, output = here.run("up", "--no-demo", "--port", "0", "--data", str(here.data))
    assert status == 1
    assert "its last words:" in output
    assert "Fernet" in output
    assert here.left() == {}


def open_interpreter(base: Path) -> tuple[str, dict[str, str]]:
    """Return an interpreter that any account may run, with its environment: ours, copied when it
    lies below somebody's home."""
    ours = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    if can_run(ours, Account(pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)):
        return str(ours), {}
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    library = Path(sys.base_prefix) / "lib"
    unneeded = shutil.ignore_patterns("site-packages", "test", "tests", "config-*", "idlelib")
    shutil.copytree(library / version, base / "lib" / version, ignore=unneeded)
    for shared in library.glob("libpython*"):
        shutil.copy2(shared, base / "lib")
    shutil.copy2(ours, base / "python")
    return str(base / "python"), {"PYTHONHOME": str(base), "LD_LIBRARY_PATH": str(base / "lib")}


@LINUX_ONLY
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_up_as_an_ordinary_account() -> None:
    account = pwd.getpwnam("nobody")
    packages = next((Path(sys.prefix) / "lib").glob("python3.*/site-packages"))
    options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": ROOT}
    with tempfile.TemporaryDirectory() as base:
        Path(base).chmod(0o755)
        interpreter, environment = open_interpreter(Path(base))
        environment |= {"LIVING_MAPS_BOOTSTRAP": "0", "PYTHONPATH": str(packages), "HOME": "/nonexistent"}
        with machine(argv=[interpreter], env=environment, **options) as here:
            first, ready = here.up()
            assert get(f"{ready['url']}/v1/me", ready["api_key"])[0] == 200
            owners = {(Path("/proc") / str(pid)).stat().st_uid for pid in here.processes()}
            assert owners == {account.pw_uid}
            assert stat.S_IMODE(here.data.stat().st_mode) == 0o700
            os.kill(first.pid, signal.SIGTERM)
            assert first.wait(40) == 0
            assert here.left() == {}
