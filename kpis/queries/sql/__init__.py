"""SQL that matters, one statement a file, with named parameters."""

from importlib.resources import files

from service.sql import array, execute, fetch, fetch_meanwhile

__all__ = ["array", "execute", "fetch", "fetch_meanwhile", "statement"]


def statement(name: str) -> str:
    """Return the text of `name`.sql in this folder."""
    return files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
