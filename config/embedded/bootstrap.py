"""Make `.venv` from a hashed lock with the standard library alone, and continue inside it.

A stamp in `.venv`, written last, names the lock that it was made from and the Python that made it; any
other state is mended by installing again, so a run that was killed half-way heals itself. Commands share
a lock (flock on requirements/) while they run, and packages change only when nobody else holds it. What
`test` adds to what `up` has changes none of them, so that one may begin while the other runs.
This module runs on the bare interpreter: it imports nothing of ours and nothing that is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"
_TWIN_VARIABLES = (
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PYTHONHOME",
    "PYTHONPATH",
)


class BootstrapFailed(Exception):
    """The environment could not be made; the sentence says what to do."""


def enter(wanted: str) -> None:
    """Return only inside a `.venv` that satisfies the lock `wanted` (local or development).

    Makes or mends it first if need be, then replaces this process by the same command inside it.
    LIVING_MAPS_BOOTSTRAP=0 trusts the interpreter that runs. Raises BootstrapFailed.
    """
    if os.environ.get("LIVING_MAPS_BOOTSTRAP") == "0":
        return
    use = os.open(REQUIREMENTS, os.O_RDONLY)
    fcntl.flock(use, fcntl.LOCK_SH)
    while not satisfied(wanted):
        fcntl.flock(use, fcntl.LOCK_UN)
        with _one_installer():
            if not satisfied(wanted):
                if not (wanted == "development" and satisfied("local")):
                    _wait_for_users(use)
                # Who has the larger set keeps it.
                install("development" if stamp_of(VENV).get("lock") == "development" else wanted)
        fcntl.flock(use, fcntl.LOCK_SH)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.set_inheritable(use, True)  # no gap in which `.venv` could be rebuilt under our feet
        os.execv(python(), [str(python()), *sys.argv])


def python(venv: Path = VENV) -> Path:
    """Return the environment's interpreter."""
    return venv / "bin" / "python"


def satisfied(wanted: str, venv: Path = VENV, requirements: Path = REQUIREMENTS) -> bool:
    """Return whether the stamp says that `venv` holds what `wanted` needs, made by this Python.
    The development set contains the local one."""
    enough = {"local": ("local", "development"), "development": ("development",)}[wanted]
    return stamp_of(venv) in [make_stamp(name, requirements) for name in enough] and python(venv).exists()


def stamp_of(venv: Path) -> dict[str, str]:
    """Return the stamp of an environment; empty when it has none."""
    try:
        return dict(json.loads((venv / "stamp.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def make_stamp(name: str, requirements: Path = REQUIREMENTS) -> dict[str, str]:
    """Return the stamp of a complete installation of this lock by this Python."""
    content = (requirements / f"{name}.lock").read_bytes() + sys.version.encode()
    return {"lock": name, "digest": hashlib.sha256(content).hexdigest()}


def install(name: str, venv: Path = VENV, requirements: Path = REQUIREMENTS) -> None:
    """Bring `venv` to exactly the lock's packages and stamp it. Raises BootstrapFailed."""
    began = time.monotonic()
    uv, lock = shutil.which("uv"), requirements / f"{name}.lock"
    say(f"making {venv.name} from requirements/{name}.lock with {'uv' if uv else 'pip'} …")
    if not _complete(venv):
        shutil.rmtree(venv, ignore_errors=True)
    (venv / "stamp.json").unlink(missing_ok=True)
    if not (uv and _by_uv(uv, venv, lock)):
        _by_pip(venv, lock)
    new = venv / "stamp.json.new"
    new.write_text(json.dumps(make_stamp(name, requirements)), encoding="utf-8")
    new.replace(venv / "stamp.json")
    say(f"{venv.name} is ready ({time.monotonic() - began:.1f} s)")


def say(sentence: str) -> None:
    """Tell the operator; stdout belongs to the command itself."""
    print(sentence, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _one_installer() -> Iterator[None]:
    """Keep other installers out."""
    with (ROOT / "manage.py").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _wait_for_users(use: int) -> None:
    """Wait until no other command runs in the environment: packages are about to change."""
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(
            "The environment has to change, and another command is using it: waiting until that one ends "
            "(`python3 manage.py down` ends a running `up`)."
        )
        fcntl.flock(use, fcntl.LOCK_EX)


def _base_python() -> str:
    """Return the interpreter to make environments from, also when we run inside one."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def _complete(venv: Path) -> bool:
    """Return whether `venv` is a finished installation by this Python, fit to be brought up to date.
    One that was left half-way is not: installers believe what its metadata say and mend nothing."""
    return (
        bool(stamp_of(venv))
        and _prints(venv, "import sys; print(sys.version)").strip() == sys.version.strip()
    )


def _by_uv(uv: str, venv: Path, lock: Path) -> bool:
    """Install with uv; False when uv cannot (it reads no pip configuration), so that pip may try."""
    environment = _environment() | {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(venv)}
    sync = [uv, "pip", "sync", "-q", "--require-hashes", "--compile-bytecode"]
    steps = [[*sync, "--python", str(python(venv)), str(lock)]]
    if not python(venv).exists():
        steps.insert(0, [uv, "venv", "-q", "--no-project", "--python", _base_python(), str(venv)])
    for step in steps:
        if subprocess.run(step, env=environment, stdout=sys.stderr, cwd=lock.parent, check=False).returncode:
            say("uv did not manage it (its message is above); trying pip …")
            return False
    return True


def _by_pip(venv: Path, lock: Path) -> None:
    lacking = "Python's own {} failed; on Debian and Ubuntu install python3-venv."
    if not python(venv).exists():
        _run([_base_python(), "-m", "venv", str(venv)], lacking.format("venv"))
    if not _prints(venv, "import pip; print(pip)"):  # uv made it
        _run([str(python(venv)), "-I", "-m", "ensurepip"], lacking.format("ensurepip"))
    pip = [str(python(venv)), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    quiet = ["-q", "--no-warn-script-location", "--progress-bar", "off"]
    _run(
        # The lock is complete: nothing to resolve. Compiled afterwards, on all cores.
        [*pip, "install", *quiet, "--no-deps", "--no-compile", "--require-hashes", "-r", str(lock)],
        "pip could not install the locked packages (its message is above); is a package index reachable?",
    )
    if surplus := _surplus(venv, lock):
        _run([*pip, "uninstall", "-q", "-y", *surplus], "pip could not remove packages that left the lock.")
    library = next((venv / "lib").glob("python3.*/site-packages"))
    # Some packages ship templates of Python files that do not compile: the status says nothing.
    subprocess.run([python(venv), "-I", "-m", "compileall", "-q", "-q", "-j", "0", str(library)], check=False)


def _surplus(venv: Path, lock: Path) -> list[str]:
    """Return installed packages that the lock does not name (pip never removes any by itself)."""
    names = _prints(venv, "import importlib.metadata as m; print(*{d.name for d in m.distributions()})")
    kept = {*locked(lock), "pip", "setuptools"}
    return sorted(name for name in names.split() if normal(name) not in kept)


def _prints(venv: Path, code: str) -> str:
    """Return what the environment's interpreter prints; empty when there is none or it fails."""
    if not python(venv).exists():
        return ""
    argv = [str(python(venv)), "-I", "-c", code]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout


def locked(lock: Path) -> dict[str, str]:
    """Return the lock's pins: normalised name → version."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    pins = (line.split()[0].partition("==") for line in lines if line[:1].isalnum())
    return {normal(name.partition("[")[0]): version for name, _, version in pins}


def normal(name: str) -> str:
    """Return a package name in the form that makes two spellings equal."""
    return name.lower().replace("_", "-").replace(".", "-")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _TWIN_VARIABLES}


def _run(argv: list[str], otherwise: str) -> None:
    if subprocess.run(argv, env=_environment(), stdout=sys.stderr, check=False).returncode:
        raise BootstrapFailed(otherwise)
