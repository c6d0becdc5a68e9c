"""Mermaid's `journey` diagram.

    text      entities and what has to be escaped
    source    what is taken off before the grammar sees the text, and lines kept countable
    syntax    the grammar: text in, a Diagram out, or the lines that Mermaid would refuse
    reader    a Diagram as a document
    writer    a document as a diagram, and what it cannot say

A title, sections, tasks with one score and people: that is all the language has.
"""

from .reader import read_mermaid
from .writer import write_mermaid

__all__ = ["read_mermaid", "write_mermaid"]
