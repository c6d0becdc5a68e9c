"""Schemathesis over the whole API: granian, the app role, real Postgres; a fixed seed; every check."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.running import ROOT
from tests.conftest import Tenant, make_tenant
from tests.contract.configuration import as_judged, configuration
from tests.contract.ground import lay_ground
from tests.stories.running import Api, Running, running_service


@pytest.fixture(scope="module")
def tenant(django_db_setup: None, django_db_blocker: Any) -> Tenant:
    with django_db_blocker.unblock():
        return make_tenant("judged")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Running]:
    with running_service(tmp_path_factory.mktemp("judged")) as running:
        yield running


def test_the_api_is_what_it_says(service: Running, tenant: Tenant, tmp_path: Path) -> None:
    api = Api(service.url, tenant.secret)
    document = api.call("GET", "/openapi.json").json
    ground = lay_ground(api)
    (tmp_path / "schemathesis.toml").write_text(configuration(api, document, ground.told))
    (tmp_path / "openapi.json").write_text(json.dumps(as_judged(document)))
    judged = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(tmp_path / "schemathesis.toml")),
            *("run", str(tmp_path / "openapi.json"), "--url", service.url),
            *("--header", f"Authorization: Bearer {tenant.secret}"),
            *("--report-json-path", str(tmp_path / "report.json"), "--no-color"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JUDGED_SECRET": ground.secret},
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-20000:] + judged.stderr[-5000:]
    # Nor does any process tell of a failure that was answered as "erased meanwhile", or is behind a task.
    for name in service.children:
        told = service.log(name)
        assert "Traceback" not in told, (name, told[told.index("Traceback") - 2000 :][:8000])
