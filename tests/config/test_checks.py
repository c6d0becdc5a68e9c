"""`manage.py test` and the door to Django's commands: what they print and how they end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded.checks import Step, calls, run_pytest, run_steps
from tests.config.running import ROOT, plain_environment

FAILS = Step("first", calls(sys.executable, "-c", "raise SystemExit(3)"))
PASSES = Step("second", calls(sys.executable, "-c", ""))


def test_a_failing_step_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_steps([FAILS, PASSES], dict(os.environ)) == {"first": False, "second": True}
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("[FAILED] first (")
    assert second.startswith("[ok] second (")


@pytest.mark.parametrize(
    ("body", "passed", "closing"),
    [("assert True", True, "1 passed in "), ("assert False", False, "1 failed in ")],
)
def test_pytest_closes_with_its_own_line(tmp_path: Path, body: str, passed: bool, closing: str) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(f"def test_it():\n    {body}\n")
    succeeded, line = run_pytest(dict(os.environ), "-p", "no:cacheprovider", str(file))
    assert succeeded is passed
    assert closing in line


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=plain_environment(**environment),
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_servers_a_command_says_what_to_do(tmp_path: Path) -> None:
    done = run("create_workspace", "x", LIVING_MAPS_DATA=str(tmp_path))
    assert done.returncode == 2
    assert "start `python3 manage.py up`" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_tells_our_commands_and_djangos(tmp_path: Path) -> None:
    done = run("help", LIVING_MAPS_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in ("  up  ", "  test  ", "migrate", "create_workspace"))
