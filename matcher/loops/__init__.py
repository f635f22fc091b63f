"""The innermost loops over services: compiled, since they may run over a million of them in one answer."""

from matcher.loops.blocks import blocks_near
from matcher.loops.choice import choose, highest
from matcher.loops.sums import Entries, best_answers, facet_totals, facet_values, looked_up, weighted_max

__all__ = [
    "Entries",
    "best_answers",
    "blocks_near",
    "choose",
    "facet_totals",
    "facet_values",
    "highest",
    "looked_up",
    "weighted_max",
]
