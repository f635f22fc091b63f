"""Red flags in a note -> alerts with a pathway; never changes the ranking.

A screen, not an assessment: it reminds a worker of the pathway, errs towards reminding, and says nothing about anybody
whose note raises no alert.
"""

from __future__ import annotations

from functools import lru_cache

from matcher.domain import Alert
from matcher.safety.config import SafetyConfig
from matcher.safety.patterns import CATEGORIES
from matcher.safety.screen import Screen, packaged_screen

__all__ = ["CATEGORIES", "SafetyConfig", "find_alerts"]

_TEXTS = {
    "suicide_self_harm": "The note may speak of suicide or self-harm",
    "domestic_sexual_abuse": "The note may speak of domestic or sexual abuse",
    "adult_at_risk": "The note may speak of an adult at risk of abuse, neglect or self-neglect",
    "child_at_risk": "The note may speak of a child at risk of harm",
    "danger_to_others": "The note may speak of a danger to other people",
    "trafficking": "The note may speak of trafficking or modern slavery",
    "medical_emergency": "The note may speak of a medical emergency",
    "no_food_heat_shelter": "The note may speak of somebody without food, heat or shelter",
    "overdose_withdrawal": "The note may speak of an overdose or of withdrawal from alcohol or drugs",
}


def find_alerts(note: str, config: SafetyConfig | None = None) -> tuple[Alert, ...]:
    """The red flags that a note may hold: at most one alert a category, in the order of :data:`CATEGORIES`.

    Args:
        note: a consultation note. None of its words are repeated, logged or kept.
        config: the pathways to name; the shipped ones when left out.
    """
    found = _screen().read(note)
    if not found:
        return ()
    pathways = (config or SafetyConfig()).pathways()
    return tuple(Alert(category, _TEXTS[category], pathways[category]) for category in CATEGORIES if category in found)


@lru_cache(maxsize=1)
def _screen() -> Screen:
    return packaged_screen()
