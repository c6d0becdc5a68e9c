"""What every connector shares: how it fails."""

from __future__ import annotations


class PullFailed(Exception):
    """A pull that brought nothing. `permanent`: trying again soon is of no use."""

    def __init__(self, message: str, *, permanent: bool, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.permanent, self.retry_after = permanent, retry_after
