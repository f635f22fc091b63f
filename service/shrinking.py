"""Guards against a new catalogue that has lost what people rely on: a truncated export, a wrong file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher import Engine, Taxonomy
from matcher.domain import CatalogueError

LINKED = 0.5
"""From which weight on an offer counts as an answer to a need."""
OFFERED = 0.5
"""From which strength on a service counts as giving an offer."""
MOST_NAMED = 5


def summary_of(engine: Engine) -> dict[str, Any]:
    """How many services there are, and the needs for which there is at least one."""
    strongest = engine.offers.strongest()
    index = engine.taxonomy.index
    met = {
        need
        for (need, offer), weight in engine.taxonomy.links.items()
        if weight >= LINKED and strongest[index[offer]] >= OFFERED
    }
    return {"services": len(engine.catalogue), "needs": sorted(met)}


def check_shrink(old: Mapping[str, Any], new: Mapping[str, Any], floor: float, taxonomy: Taxonomy) -> None:
    """Compare a new catalogue with the one it is to follow.

    Raises:
        CatalogueError: fewer than the share ``floor`` of services are left, or a need has lost its last one.
    """
    if new["services"] < floor * old["services"]:
        raise CatalogueError(
            f"the new catalogue has {new['services']} services, the old one {old['services']}; accept_shrink takes it"
        )
    lost = sorted(set(old["needs"]) - set(new["needs"]))
    labels = [taxonomy.by_id[need].pref_label for need in lost if need in taxonomy.by_id]
    if labels:
        named = ", ".join(labels[:MOST_NAMED]) + (", ..." if len(labels) > MOST_NAMED else "")
        raise CatalogueError(f"the new catalogue has no service any more for: {named}; accept_shrink takes it")
