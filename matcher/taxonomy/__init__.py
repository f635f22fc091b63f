"""Concepts, what people and providers call them, and the weighted links between them: the tag weights.

The files (see ``data/taxonomy/README.md``) are plain CSV for a spreadsheet. :func:`read_taxonomy` checks all of them
and reports every fault at once, with file and row.
"""

from __future__ import annotations

from matcher.taxonomy.concepts import KINDS, VOICES, Concept, Label, Taxonomy
from matcher.taxonomy.files import CONCEPT_COLUMNS, read_links, read_taxonomy
from matcher.taxonomy.kept import lexicon_of, packaged_taxonomy
from matcher.taxonomy.lexicon import Entry, Lexicon, entries_of

__all__ = [
    "CONCEPT_COLUMNS",
    "KINDS",
    "VOICES",
    "Concept",
    "Entry",
    "Label",
    "Lexicon",
    "Taxonomy",
    "entries_of",
    "lexicon_of",
    "packaged_taxonomy",
    "read_links",
    "read_taxonomy",
]
