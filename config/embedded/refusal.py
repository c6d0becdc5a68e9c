"""What an operator did or has that we cannot work with, said in a sentence that tells what to do."""

from __future__ import annotations


class Refusal(Exception):
    """Ends the command: the sentence goes to stderr, `status` is the exit status (2: this machine
    or these arguments cannot work; 1: something failed on the way)."""

    def __init__(self, sentence: str, *, status: int = 2) -> None:
        super().__init__(sentence)
        self.status = status


GIVE_SERVERS = (
    "Set DATABASE_URL, OWNER_DATABASE_URL and REDIS_URL to servers of your own, or use docker compose."
)
