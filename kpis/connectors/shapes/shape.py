"""The form of a shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kpis.connectors.base import Window


@dataclass(frozen=True, slots=True)
class Shape:
    """What is made of a provider's pages.

    items(page, lookup, window): of one parsed page; `lookup` is what `config.lookup` brought, None without.
    whole(items, window): of the items of all pages what mappings read, where only all of them say anything;
    None where each page's items speak for themselves. Both raise PullFailed.
    """

    items: Callable[[Any, Any, Window], list[Any]]
    whole: Callable[[Iterable[Any], Window], list[Any]] | None = None
