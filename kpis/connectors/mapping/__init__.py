"""From a system's own JSON to readings: rules are data, never code.

A mapping names a KPI, where the items are (`items`, a path into the whole body) and, relative to
each item, the paths of value, numerator, denominator, n, distribution, time, labels and external id:

    {"kpi": "visitors", "items": "$.data[*]", "value": "$.users", "start": "$._start_at",
     "end": "$._end_at", "labels": {"page": {"path": "$.page"}, "country": {"const": "gb"}}}

Rules of inbound endpoints are mappings that call their items `each`, may give a `const` in place of a value
(what happened is counted), and by `op` say one side of a rate: the thing that `external_id` names was
delivered (denominator), was opened (numerator).

A rule with `retract` takes back what rules of its KPI said of the thing that `external_id` names: its sender
deleted it.

Where a rule has a `follow`, each item leads to a document, as in `http_json`: its paths are relative to
{"item": …, "followed": …}, and conditions on `$.item` are judged before anything is followed.

Where a rule has a `text_path`, what stands there is what somebody said with the figure, or instead of one:
`journey_map`, `element` and `channel` say plainly where and how.

Of a KPI over a stock `joined`, `lost`, `lost_new` and `grown` are paths of the flows of a period; `base` is
the path of how many there are, `base_of` one whose nodes are counted (a list of customers seeds churn), as
of the pull or message where no time is named. A rule with `op` joined or lost tells what happened to one
thing.

`when` keeps an item only if all its conditions hold. `value_map` replaces words by numbers, `scale`
multiplies (cents to euros: 0.01), `unit` says whether a share is a fraction or a percentage, `cast`
says how times are written (instant, date, epoch, epoch_ms). An item whose figure is null is no
reading: it is counted, never turned into 0.

Bodies come from strangers, so all of it is bounded: the items, the work of the paths, the size of a number.
"""

from kpis.connectors.mapping.extract import Extract, extract, extract_parts
from kpis.connectors.mapping.words import (
    BASES,
    CASTS,
    FIGURES,
    FLOWS,
    HAPPENED,
    MAX_ISSUES,
    MAX_ITEMS,
    SIDES,
    TIMES,
)

__all__ = [
    "BASES",
    "CASTS",
    "FIGURES",
    "FLOWS",
    "HAPPENED",
    "MAX_ISSUES",
    "MAX_ITEMS",
    "SIDES",
    "TIMES",
    "Extract",
    "extract",
    "extract_parts",
]
