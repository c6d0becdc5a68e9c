"""`manage.py test`: throw-away servers, then every static check and all tests.

Every step runs, so that the first failure hides no other; the status at the end is 1 when one failed.
With arguments: pytest alone, with those. pytest's closing line is printed last, for machines that read it.
"""

from __future__ import annotations

import filecmp
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.bootstrap import python
from config.embedded.children import tied
from config.embedded.data import ROOT
from config.embedded.throwaway import lanes, throwaway_servers

DATABASE = "living_maps_test"
LANES_MAX = 4
OPENAPI = ROOT / "docs" / "openapi.json"
# What `up` would set as well; tests of the service's own HTTP need peers on loopback.
TEST_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "OUTBOUND_ALLOW_LOOPBACK": "1",
    "OUTBOUND_ALLOW_HTTP": "1",
}


@dataclass(frozen=True)
class Step:
    """A named check; `run` takes the environment and returns whether it passed."""

    name: str
    run: Callable[[dict[str, str]], bool]


def test(arguments: Sequence[str]) -> int:
    """Run the command; return its exit status. Raises Refusal when servers cannot be had."""
    began = time.monotonic()
    with throwaway_servers(DATABASE) as servers:
        environment = dict(os.environ) | TEST_SETTINGS | servers
        migrated = call(environment, *manage("migrate", "--database=owner", "-v", "0"))
        announce("servers and migrations", migrated, time.monotonic() - began)
        if arguments:
            # Also on a failed migration: tests of pure rooms need no database.
            return call_status(environment, *tool("pytest"), *arguments) or int(not migrated)
        return _all_steps(environment, migrated)


def _all_steps(environment: dict[str, str], migrated: bool) -> int:
    results = {"servers and migrations": migrated} | run_steps(static_steps(), environment)
    results["pytest"], closing = _in_lanes(environment)
    failed = [name for name, passed in results.items() if not passed]
    print(f"\n{len(results) - len(failed)} of {len(results)} steps passed")
    print("".join(f"  FAILED {name}\n" for name in failed) + closing, flush=True)
    return 1 if failed else 0


def _in_lanes(environment: dict[str, str]) -> tuple[bool, str]:
    """Run all tests, a file at a time in each of as many lanes as there are cores (at most four)."""
    count = min(os.cpu_count() or 1, LANES_MAX)
    with lanes(environment, count):
        spread = ("-n", str(count), "--dist", "loadfile", "--no-loadscope-reorder")
        return run_pytest(environment | {"PYTEST_PLUGINS": "tests.lanes"}, *spread)


def run_steps(steps: Sequence[Step], environment: dict[str, str]) -> dict[str, bool]:
    """Run every step, announce each; return which passed."""
    results = {}
    for step in steps:
        began = time.monotonic()
        results[step.name] = step.run(environment)
        announce(step.name, results[step.name], time.monotonic() - began)
    return results


def static_steps() -> list[Step]:
    """Return the checks that need no running service, in the order of their speed."""
    return [
        Step("ruff check", calls(*tool("ruff"), "check", ".")),
        Step("ruff format", calls(*tool("ruff"), "format", "--check", ".")),
        Step("import contracts", calls(str(python().with_name("lint-imports")))),
        Step("migrations complete", calls(*manage("makemigrations", "--check", "--dry-run"))),
        Step("OpenAPI as committed", _openapi_is_committed),
        Step("mypy", calls(*tool("mypy"))),
    ]


def manage(*arguments: str) -> list[str]:
    """Return the argv of one of Django's commands."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def tool(module: str) -> list[str]:
    """Return the argv of an installed tool."""
    return [sys.executable, "-m", module]


def call(environment: dict[str, str], *argv: str) -> bool:
    """Run one program with our terminal; return whether it succeeded."""
    return call_status(environment, *argv) == 0


def call_status(environment: dict[str, str], *argv: str) -> int:
    """Run one program with our terminal; return its exit status.

    Ctrl-C reaches it as well as us: we let it report and end by itself.
    """
    child = subprocess.Popen(tied(argv, signal.SIGTERM), cwd=ROOT, env=environment)
    return _wait(child)


def announce(name: str, passed: bool, seconds: float) -> None:
    """Print one step's result."""
    print(f"[{'ok' if passed else 'FAILED'}] {name} ({seconds:.1f} s)", flush=True)


def _wait(child: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def calls(*argv: str) -> Callable[[dict[str, str]], bool]:
    """Return a step that runs one program."""
    return lambda environment: call(environment, *argv)


def _openapi_is_committed(environment: dict[str, str]) -> bool:
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory) / OPENAPI.name
        arguments = ("--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(made))
        if not call(environment, *manage("spectacular", *arguments)):
            return False
        if OPENAPI.exists() and filecmp.cmp(made, OPENAPI, shallow=False):
            return True
    where = OPENAPI.relative_to(ROOT)
    print(f"{where} is not what the code says; write it anew:")
    print(f"  python3 manage.py spectacular --format openapi-json --file {where}")
    return False


def run_pytest(environment: dict[str, str], *arguments: str) -> tuple[bool, str]:
    """Run the tests, passing their output on as it comes; return (passed, closing line)."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    child = subprocess.Popen(
        tied([*tool("pytest"), *colour, *arguments], signal.SIGTERM),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    last = b""
    with child.stdout as output:
        while part := os.read(output.fileno(), 65536):
            sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
            last = (last + part)[-4096:]
    lines = last.decode(errors="replace").strip().splitlines()
    return _wait(child) == 0, lines[-1] if lines else "pytest printed nothing"
