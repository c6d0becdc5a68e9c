"""What Schemathesis has to know to make data: formats of ours, and keys that nobody used before."""

from __future__ import annotations

import itertools
import re
import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st

_INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_RUN, _keys = uuid.uuid4().hex[:8], itertools.count()

schemathesis.openapi.format("date-time", _INSTANTS.map(lambda at: at.isoformat().replace("+00:00", "Z")))
schemathesis.openapi.format(
    "entity-tag", st.from_regex(re.compile(r'\*|(W/)?"[!#-~]{0,40}"'), fullmatch=True)
)
schemathesis.openapi.format(
    "entity-tags", st.from_regex(re.compile(r'(W/)?"r[0-9]"(, "r[0-9]")?'), fullmatch=True)
)
schemathesis.openapi.format("json-object", st.sampled_from(["{}", '{"segment": "smb"}', '{"segment": "*"}']))
schemathesis.openapi.format("iana-zone", st.sampled_from(sorted(available_timezones())))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Make each well formed Idempotency-Key a new one: a used one is refused with 422, as it must be."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!#-~]{1,200}", key):
        case.headers["Idempotency-Key"] = f"{key}.{_RUN}.{next(_keys)}"
