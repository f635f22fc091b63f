"""How people name concepts in a cell."""

from __future__ import annotations

import pytest

from matcher.curation.cells import USUAL, ConceptNames, cell_of
from matcher.domain import InputError

CELLS = [
    ("choir", {"choir": USUAL["main"]}),
    ("Choirs", {"choir": USUAL["main"]}),
    (" CHOIRS ;  chess ", {"choir": USUAL["main"], "chess": USUAL["main"]}),
    ("choir 0.7", {"choir": 0.7}),
    ("Choirs  .7", {"choir": 0.7}),
    ("Chess 2.0", {"chess": USUAL["main"]}),  # a label that ends like a strength
    ("Chess 2.0 1", {"chess": 1.0}),
    ("choir 0.7; choir 0.9", {"choir": 0.9}),
    ("", {}),
    (" ; ", {}),
]


@pytest.mark.parametrize(("cell", "strengths"), CELLS)
def test_a_cell_names_concepts_by_label_or_id_with_a_strength_where_it_is_not_the_usual_one(taxonomy, cell, strengths):
    assert ConceptNames(taxonomy).read(cell, "main", "here") == strengths


WRONG_CELLS = [
    ("main", "sining", "main: 'sining' is no concept"),
    ("main", "choir 2", "'choir 2' is no concept"),
    ("main", "choir 0", "the strength of choir must be above 0 and at most 1"),
    ("main", "choir nan", "'choir nan' is no concept"),
    ("main", "choir \u0660.5", "is no concept"),
    ("main", "=cmd|' /C calc'!A0", "is no concept"),
    ("main", "x" * 5000, "is no concept"),
    ("main", "one\x1b[31m\u2028two", "is no concept"),
    ("main", "evening", "evening cannot stand under main; it belongs under setting"),
    ("mentioned", "shop", "shop cannot stand under mentioned; it belongs under not_support"),
    ("setting", "choir", "choir cannot stand under setting; it belongs under main or mentioned"),
    ("only_for", "choir", "choir cannot stand under only_for; it is not dedicated in concepts.csv"),
]


@pytest.mark.parametrize(("role", "cell", "fault"), WRONG_CELLS)
def test_a_wrong_cell_is_told_in_one_line_with_its_place(taxonomy, role, cell, fault):
    with pytest.raises(InputError) as refused:
        ConceptNames(taxonomy).read(cell, role, "d.csv line 7")
    message = str(refused.value)
    assert message.startswith("d.csv line 7: ")
    assert fault in message
    assert message.isprintable()
    assert len(message) < 200


def test_cells_for_people_show_labels_and_can_be_read_back(taxonomy):
    names = ConceptNames(taxonomy)
    strengths = {"choir": USUAL["main"], "chess": 0.7, "money": USUAL["main"]}
    cell = cell_of(strengths, names, "main")
    assert cell == "Choirs; money; Chess 2.0 0.7", "a label with a semicolon gives way to its id"
    assert names.read(cell, "main", "here") == strengths
    assert names.read(cell_of(strengths), "main", "here") == strengths
