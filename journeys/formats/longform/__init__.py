"""The long form: a table of one row per statement, for people who edit a map in a spreadsheet.

    columns     what each column is called, and whose member it holds
    members     every other member of the document, by its type: rows of `field` and `value`
    writer      a document as a table; nothing is lost
    rows        bytes as records, or the lines that are no CSV
    building    records put together: stages, touchpoints, entries, personas
    feelings    emotions as typed
    reader      a table as a document

Ids stand in columns of their own: with them everything keeps its identity, without them names do.
"""

from .reader import is_long_form, read_long_form
from .writer import write_long_form

__all__ = ["is_long_form", "read_long_form", "write_long_form"]
