"""JSONPath (RFC 9535) as mappings may use it: no regular expressions, bounded length and result."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonpath import JSONPathEnvironment
from jsonpath.exceptions import JSONPathError

MAX_LENGTH = 300
MAX_NODES = 20_000


class _Environment(JSONPathEnvironment):
    """Strict RFC 9535 without `match` and `search`: a stranger's pattern could run for hours."""

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions.pop("match", None)
        self.function_extensions.pop("search", None)


_environment = _Environment(strict=True)


class BadPath(ValueError):
    """The text is no path that mappings may use; the message says why."""


@lru_cache(maxsize=4096)
def compiled(path: str) -> Any:
    """Return the compiled path. Raises BadPath."""
    if len(path) > MAX_LENGTH or not path.startswith("$"):
        raise BadPath(f"A path starts with $ and has at most {MAX_LENGTH} characters.")
    if path.count("..") > 1:
        # Nested descents multiply: $..*..*..* walks the body once per node per level.
        raise BadPath("A path may descend with .. once.")
    try:
        return _environment.compile(path)
    except JSONPathError as error:
        raise BadPath(f"Not an RFC 9535 path: {error}.") from error


def find_all(path: str, value: Any) -> list[Any]:
    """Return every node that `path` selects, at most MAX_NODES."""
    return list(islice(_nodes(path, value), MAX_NODES))


def find_one(path: str, value: Any) -> Any:
    """Return the first node that `path` selects, None when there is none."""
    return next(_nodes(path, value), None)


def _nodes(path: str, value: Any) -> Iterator[Any]:
    if not isinstance(value, (dict, list)):
        # The library would read a text as JSON; to us a text is a text, with no nodes but itself.
        return iter([value] if path == "$" else [])
    return (match.obj for match in compiled(path).finditer(value))
