"""What Schemathesis has to know to make data and to judge: formats of ours, signatures, new keys."""

from __future__ import annotations

import itertools
import os
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st
from standardwebhooks import Webhook

from tests.contract.bodies import repeated

_TURN, _NOW = datetime(2013, 1, 1), datetime(2026, 1, 1)  # noqa: DTZ001
_RUN, _keys = uuid.uuid4().hex[:8], itertools.count()
_repeated: set[str] = set()  # filled when the contract is read

schemathesis.serializer.alias("application/x-ndjson", "application/octet-stream")


def _instants(first: datetime, last: datetime) -> st.SearchStrategy[str]:
    """Draw instants that have passed: the future is refused wherever one is asked for."""
    drawn = st.datetimes(first, last, timezones=st.just(UTC))
    return drawn.map(lambda at: at.isoformat().replace("+00:00", "Z"))


schemathesis.openapi.format("date-time", _instants(datetime(2000, 1, 1), _NOW))  # noqa: DTZ001
schemathesis.openapi.format("range-from", _instants(datetime(2000, 1, 1), _TURN))  # noqa: DTZ001
schemathesis.openapi.format("range-to", _instants(_TURN + timedelta(days=1), _NOW))
schemathesis.openapi.format(
    "entity-tag", st.from_regex(re.compile(r'\*|(W/)?"[!#-~]{0,40}"'), fullmatch=True)
)
schemathesis.openapi.format(
    "entity-tags", st.from_regex(re.compile(r'(W/)?"r[0-9]"(, "r[0-9]")?'), fullmatch=True)
)
schemathesis.openapi.format("json-object", st.sampled_from(["{}", '{"segment": "smb"}', '{"segment": "*"}']))
schemathesis.openapi.format("iana-zone", st.sampled_from(sorted(available_timezones())))


def _about(case: Any) -> str | None:
    """Return what of the request the coverage phase varies in a case: body, header, query, path."""
    place = getattr(case.meta.phase.data, "parameter_location", None) if case.meta else None
    return place.value if place else None


@schemathesis.hook
def after_load_schema(context: Any, schema: Any) -> None:
    """Find the operations whose bodies come again."""
    _repeated.update(repeated(schema.raw_schema))


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Enumerate a body once: where it comes again it is fuzzed, and only all else enumerated."""
    if case.meta is None or case.meta.phase.name.value != "coverage" or _about(case) != "body":
        return True
    return case.operation.definition.raw["operationId"] not in _repeated


def _signed(request: Any) -> Any:
    """Sign a request as its sender would: who does not know the secret gets no further than 401."""
    now, name = datetime.now(UTC), f"{_RUN}_{next(_keys)}"
    signature = Webhook(os.environ["JUDGED_SECRET"]).sign(name, now, (request.body or b"").decode())
    request.headers["webhook-id"] = name
    request.headers["webhook-timestamp"] = str(int(now.timestamp()))
    request.headers["webhook-signature"] = signature
    return request


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Sign webhooks, and make each well formed Idempotency-Key a new one: a used one is refused with 422.

    Not where a header is what is wrong: Schemathesis would take the edit for its mending.
    """
    if case.operation.path == "/hooks/{token}" and case.meta and case.meta.generation.mode.is_positive:
        kwargs["auth"] = _signed
    key = (case.headers or {}).get("Idempotency-Key")
    found = re.fullmatch('("?)([!#-~]{1,255})("?)', key) if isinstance(key, str) else None
    if found and found[1] == found[3] and _about(case) != "header":
        new = f".{_RUN}.{next(_keys)}"
        case.headers["Idempotency-Key"] = f"{found[1]}{found[2][: 255 - len(new)]}{new}{found[3]}"
