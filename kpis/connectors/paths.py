"""JSONPath (RFC 9535) as mappings may use it: no regular expressions, bounded length and bounded work.

A short path can ask for endless work: `$[*,*][*,*]…` doubles with each step, filters can be nested. So every
node that is made and every condition that is judged is paid from a budget, whose end raises TooMuchWork.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathMatch
from jsonpath.exceptions import JSONPathError
from jsonpath.filter import BaseExpression, FilterQuery
from jsonpath.parse import Parser
from jsonpath.segments import JSONPathChildSegment
from jsonpath.selectors import IndexSelector, NameSelector, WildcardSelector
from jsonpath.stream import TokenStream

MAX_LENGTH = 300
# A second or two of work; a feed of 20 000 items with ten paths takes half of it.
BUDGET = 1_000_000


class BadPath(ValueError):
    """The text is no path that mappings may use; the message says why."""


class TooMuchWork(Exception):
    """The budget is used up."""


class _Meter:
    def __init__(self, budget: int) -> None:
        self.left = budget

    def spend(self, work: int = 1) -> None:
        self.left -= work
        if self.left < 0:
            raise TooMuchWork


_meter: ContextVar[_Meter] = ContextVar("jsonpath_meter")


@contextmanager
def metered(budget: int = BUDGET) -> Iterator[None]:
    """Bound the work of all look-ups inside the block; there are none outside of one."""
    token = _meter.set(_Meter(budget))
    try:
        yield
    finally:
        _meter.reset(token)


class _Node(JSONPathMatch):
    """A node without its place: nobody asks for it, and texts of places would cost more than the walk."""

    __slots__ = ()

    def __init__(self, *, obj: object, root: Any, **_: Any) -> None:
        _meter.get().spend()
        super().__init__(filter_context={}, obj=obj, parent=None, path="", parts=(), root=root)

    def new_child(self, obj: object, key: int | str) -> JSONPathMatch:
        return _Node(obj=obj, root=self.root)

    def add_child(self, *children: JSONPathMatch) -> None:
        """Keep none: a body of 10 MiB has a million nodes."""


class _Path(JSONPath):
    __slots__ = ()

    def finditer(self, data: Any, *, filter_context: Any = None) -> Iterable[JSONPathMatch]:
        nodes: Iterable[JSONPathMatch] = [_Node(obj=data, root=data)]
        for segment in self.segments:
            nodes = segment.resolve(nodes)
        return nodes


class _Parser(Parser):
    """Builds our paths inside filters too."""

    def parse_absolute_query(self, stream: TokenStream) -> BaseExpression:
        return _ours(super().parse_absolute_query(stream))

    def parse_relative_query(self, stream: TokenStream) -> BaseExpression:
        return _ours(super().parse_relative_query(stream))


def _ours(query: BaseExpression) -> BaseExpression:
    if isinstance(query, FilterQuery):
        query.path = _Path(env=query.path.env, segments=query.path.segments)
    return query


class _Environment(JSONPathEnvironment):
    """Strict RFC 9535, but for two things that a stranger's path could run for hours with.

    There is no `match` and no `search`; and conditions compare texts, numbers, booleans and null: objects and
    arrays equal nothing.
    """

    parser_class = _Parser

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions.pop("match", None)
        self.function_extensions.pop("search", None)

    def is_truthy(self, obj: object) -> bool:
        _meter.get().spend()
        return super().is_truthy(obj)

    def compare(self, left: object, operator: str, right: object) -> bool:
        _meter.get().spend()
        if operator not in ("&&", "||"):
            if isinstance(left, (dict, list)) or isinstance(right, (dict, list)):
                return operator == "!="
            left, right = _scalar(left), _scalar(right)
        return super().compare(left, operator, right)


def _scalar(value: object) -> object:
    if isinstance(value, str):
        _meter.get().spend(len(value) // 1000)
    # A path's literals are floats, a body's numbers exact: 0.1 is to be 0.1.
    return Decimal(str(value)) if isinstance(value, float) else value


_environment = _Environment(strict=True)


@lru_cache(maxsize=4096)
def compiled(path: str) -> JSONPath:
    """Return the compiled path. Raises BadPath."""
    if len(path) > MAX_LENGTH or not path.startswith("$"):
        raise BadPath(f"A path starts with $ and has at most {MAX_LENGTH} characters.")
    try:
        parsed = _environment.compile(path)
    except (JSONPathError, OverflowError, RecursionError) as error:
        # The library draws the place of the fault on further lines.
        raise BadPath(f"Not an RFC 9535 path: {str(error).partition(chr(10))[0]}.") from error
    if not isinstance(parsed, JSONPath):
        raise BadPath("Not an RFC 9535 path: only one path at a time.")
    return _Path(env=_environment, segments=parsed.segments)


def find_all(path: str, value: Any, limit: int) -> list[Any]:
    """Return the first `limit` nodes that `path` selects. Raises TooMuchWork."""
    return list(islice(_nodes(path, value), limit))


def find_one(path: str, value: Any) -> Any:
    """Return the first node that `path` selects, None when there is none. Raises TooMuchWork."""
    return next(_nodes(path, value), None)


def _nodes(path: str, value: Any) -> Iterator[Any]:
    if not isinstance(value, (dict, list)):
        # The library would read a text as JSON; to us a text is a text, with no nodes but itself.
        return iter([value] if path == "$" else [])
    steps = _steps(path)
    if steps is not None:
        return _walked(steps, value)
    return (match.obj for match in compiled(path).finditer(value))


_EACH = object()


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[Any, ...] | None:
    """Return the names and places of a path that is nothing else, but for `[*]` at its end; None for others.

    Most mappings consist of such, and the library's general way takes several times as long for them.
    """
    segments = compiled(path).segments
    steps: list[Any] = []
    for segment in segments:
        if not isinstance(segment, JSONPathChildSegment) or len(segment.selectors) != 1 or _EACH in steps:
            return None
        match segment.selectors[0]:
            case NameSelector(name=name):
                steps.append(name)
            case IndexSelector(index=index):
                steps.append(index)
            case WildcardSelector():
                steps.append(_EACH)
            case _:
                return None
    return tuple(steps)


def _walked(steps: tuple[Any, ...], value: Any) -> Iterator[Any]:
    """Yield what the library would, and pay the same for it."""
    meter = _meter.get()
    meter.spend()
    for step in steps:
        if step is _EACH:
            for child in (
                value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            ):
                meter.spend()
                yield child
            return
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return
        elif not isinstance(value, list) or not -len(value) <= step < len(value):
            return
        value = value[step]
        meter.spend()
    yield value
