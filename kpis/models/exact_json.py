"""JSON columns in which every number keeps its digits: a bound of 0.1 comes back as Decimal("0.1")."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec

from kpis.series.exact import encode

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def as_stored(data: Any) -> Any:
    """Return plain data with the numbers that the database will give back, so that equals are equal."""
    return _decoder.decode(encode(data))


class ExactEncoder(json.JSONEncoder):
    """Writes Decimals as numbers with exactly their own digits, as Postgres' jsonb keeps them."""

    def encode(self, o: Any) -> str:
        return encode(o).decode()


class ExactDecoder(json.JSONDecoder):
    """Reads numbers with a fraction as Decimal, never as the nearest float."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(parse_float=Decimal, **kwargs)
