"""Log files of several processes as one stream, each line with the name of its process.

Children write to files of their own (no pipe that a dead supervisor would break); we read what is new.
"""

from __future__ import annotations

import sys
from pathlib import Path

# Nobody rotates these files during a run; a bigger one starts over (children append).
_LIMIT_BYTES = 50_000_000


class Follower:
    """Remembers how far each file was read."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[Path, int]] = {}

    def add(self, name: str, path: Path) -> None:
        """Follow a file from its present end."""
        self._files[name] = (path, path.stat().st_size)

    def pump(self) -> None:
        """Print the complete lines that were written since the last call."""
        width = max(map(len, self._files), default=0)
        for name, (path, offset) in self._files.items():
            with path.open("rb") as file:
                file.seek(offset)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            for line in whole.decode(errors="replace").splitlines():
                print(f"{name:<{width}} | {line}")
            offset += len(whole)
            if offset > _LIMIT_BYTES:
                with path.open("r+b") as file:
                    file.truncate(0)
                offset = 0
            self._files[name] = (path, offset)
        sys.stdout.flush()
