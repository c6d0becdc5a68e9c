"""`prometheus`: a PromQL query, at the instant of the pull or step by step over the time before it.

config: {"url": "https://prometheus.example", "query": "sum by (path) (increase(visits[1d]))", "step": "P1D"}.
Without `step` it is an instant query at the end of the window. With it, a range query whose steps lie on
whole multiples of the step in UTC (weeks begin on Monday): the sample at t is the figure of [t - step, t),
which is what a query over `[1d]` with a step of a day says.

Each sample is a document: {"labels": {"path": "/"}, "value": "12", "at": …, "start": …, "end": …}. NaN is
null, as it is what 0/0 makes in PromQL; a series that went stale has no sample, so it makes no reading.
Infinite values and histograms are named as unfit and left out. Warnings of the server are issues of the run.
Source: prometheus.io/docs/prometheus/latest/querying/api
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from kpis.connectors.base import Connector, Fetched, PullFailed, Window
from kpis.connectors.calls import CallIn, Calls, check_call, filled
from kpis.connectors.fields import DurationField
from kpis.connectors.http_json.paging import parsed
from kpis.connectors.mapping import MAX_ITEMS
from service.errors import Issue
from service.fields import StrictChar
from service.outbound import OutboundSession
from service.schedule import duration_s

MAX_STEPS = 11_000  # Prometheus refuses more points of a series
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_MAX_NOTES = 10


class PrometheusConfigIn(CallIn):
    """config of the type `prometheus`."""

    query = StrictChar(max_length=5_000, help_text="PromQL.")
    step = DurationField(
        required=False, minimum_s=1, help_text="The period of each figure: P1D. Without it, one instant."
    )


async def fetch(
    config: Mapping[str, Any], secret: str | None, window: Window, outbound: OutboundSession
) -> Fetched:
    calls = Calls(outbound, config, secret)
    asked: dict[str, str] = {"query": config["query"], "timeout": "15s"}
    step_s = duration_s(config.get("step"))
    if step_s is None:
        path, asked["time"] = "query", _epoch(window.end)
    else:
        first, last = _steps(window, step_s)
        if first > last:
            raise PullFailed("The time that is looked back on is shorter than a step.", permanent=True)
        if (last - first) // timedelta(seconds=step_s) >= MAX_STEPS:
            raise PullFailed(f"More than {MAX_STEPS} steps: look back less, or step wider.", permanent=True)
        path = "query_range"
        asked |= {"start": _epoch(first), "end": _epoch(last), "step": str(step_s)}
    reply = await calls.call(
        "POST",
        f"{filled(config['url'], window).rstrip('/')}/api/v1/{path}",
        urlencode(asked).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    return Fetched([reply.body], window, _notes(reply.body))


def _steps(window: Window, step_s: int) -> tuple[datetime, datetime]:
    """Return the first and the last step whose period lies in the window."""
    step = timedelta(seconds=step_s)
    first = _MONDAY - (_MONDAY - window.start) // step * step + step
    return first, _MONDAY + (window.end - _MONDAY) // step * step


def _notes(body: bytes) -> list[Issue]:
    said = parsed(body)
    if not isinstance(said, dict):
        return []
    return [
        Issue("", code, str(text)[:300])
        for code, name in (("warning", "warnings"), ("info", "infos"))
        for text in (said.get(name) or [])[:_MAX_NOTES]
    ]


def read(config: Mapping[str, Any], fetched: Fetched) -> list[list[Any]]:
    """Return the samples."""
    step = timedelta(seconds=duration_s(config.get("step")) or 0)
    said = parsed(fetched.parts[0])
    try:
        if said["status"] != "success":
            raise PullFailed(f"Prometheus says: {said['error'][:300]}", permanent=False)
        data = said["data"]
        return [list(islice(_samples(data["resultType"], data["result"], step), MAX_ITEMS + 1))]
    except (KeyError, TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise PullFailed("This is no answer of Prometheus.", permanent=True) from error


def _samples(kind: str, result: Any, step: timedelta) -> Iterator[dict[str, Any]]:
    if kind in {"scalar", "string"}:
        yield _sample({}, result, step)
        return
    for series in result:
        values = series["values"] if "values" in series else [series["value"]] if "value" in series else []
        for value in values:
            yield _sample(series["metric"], value, step)
        for at, _ in [
            *series.get("histograms", []),
            *([series["histogram"]] if "histogram" in series else []),
        ]:
            yield _sample(series["metric"], (at, "a histogram"), step)


def _sample(labels: Mapping[str, str], value: Any, step: timedelta) -> dict[str, Any]:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(Decimal(str(value[0])) * 1000))
    text = str(value[1])
    number = None if text == "NaN" else text
    times = {"at": at.isoformat(), "start": (at - step).isoformat(), "end": at.isoformat()}
    return {"labels": dict(labels), "value": number, **times}


def _epoch(instant: datetime) -> str:
    return f"{math.floor(instant.timestamp() * 1000) / 1000:.3f}"


CONNECTOR = Connector(PrometheusConfigIn, fetch, read, check_call, windowed=lambda config: True)
