"""The papers: a sheet for the person, a hand-over, a summary for the team. Only what is ticked is on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from matcher.domain import Alert, Service
from service.pages_form import IMPORTANCE, Draft
from service.plan import OUTCOMES, REASONS, WHO, Plan, PlanItem, day_of
from service.presenters import Fact, Named, contacts_of
from service.presenters_words import (
    MODE_WORDS,
    and_list,
    cost_in_words,
    day_in_words,
    days_in_words,
    how_in_words,
    place_in_words,
    upper_first,
)

ABOUT_CHARACTERS = 220
HAND_OVER_PARTS = {
    "goal": "The goal, in the person’s words",
    "next_step": "The next step, and who does it",
    "age": "Age",
    "gender": "Gender",
    "place": "Postcode or place",
    "needs": "Needs",
    "interests": "Interests",
    "access": "Access needs",
    "language": "Languages",
    "free": "When they are free",
}
WHO_FOR_THEM = dict(
    zip(WHO, ("Your link worker", "You", "You, with family or a friend", "The service", "Somebody else"), strict=True)
)
"""Who does the next step, as the person on whose sheet it stands reads it."""
SHEET_HINTS = {
    "unsafe": "Tick only what the person wants on paper: a name alone may tell.",
    "abuse": "A service about abuse is not ticked to begin with: its name alone may tell.",
}
TEAM_PARTS = {
    "needs": "Needs, by importance",
    "interests": "Interests",
    "age": "Age",
    "access": "Access needs and languages",
    "limits": "Limits on distance, cost and time",
    "plan": "The plan so far",
    "tried": "What has been tried",
    "alerts": "Alerts that the note raised",
}
_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z“\"'‘])")


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One service on the person's sheet."""

    name: str
    about: str
    facts: tuple[Fact, ...]
    goal: str
    steps: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines on a paper."""

    heading: str
    lines: tuple[str, ...]


def sheet_item(item: PlanItem, service: Service | None, *, with_goal: bool) -> SheetItem:
    """One service for the person: what it is, when and where, what it costs, how to go, and the next step."""
    steps = [Fact("Next step", item.next_step)] if item.next_step else []
    steps += [Fact("Who does it", WHO_FOR_THEM.get(item.who, item.who))] if item.who and item.next_step else []
    if review := day_of(item.review_on):
        steps.append(Fact("We will look at this again on", day_in_words(review)))
    return SheetItem(
        name=service.name if service else item.title,
        about=opening(service.description) if service else "",
        facts=tuple(_plain_facts(service)) if service else (),
        goal=item.goal if with_goal else "",
        steps=tuple(steps),
    )


def _plain_facts(service: Service) -> list[Fact]:
    place = place_in_words(service)
    how = how_in_words(service.modes) if set(service.modes) - {"in_person"} else ""
    facts = [
        Fact("When", days_in_words(service)),
        Fact("Where", place),
        Fact("How", how if how.casefold() != place.casefold() else ""),
        Fact("Cost", cost_in_words(service)),
        Fact("How to go", _how_to_go(service.referral)),
    ]
    return [*(fact for fact in facts if fact.text), *contacts_of(service)]


def _how_to_go(referral: str) -> str:
    words = referral.casefold()
    if not words:
        return ""
    if "self-referral" in words or "self referral" in words:
        return "You can get in touch yourself."
    if "professional" in words or "gp" in words.split():
        return "Your link worker or surgery will ask for you."
    return referral


def opening(text: str) -> str:
    """The first sentences of a description, as many as fit on a sheet."""
    kept = ""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        if kept and len(kept) + len(sentence) > ABOUT_CHARACTERS:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def hand_over(draft: Draft, item: PlanItem, ticked: Collection[str]) -> list[Section]:
    """What the receiving organisation is told: the ticked parts that hold something."""
    parts: Mapping[str, Callable[[], Sequence[str]]] = {
        "goal": lambda: [item.goal],
        "next_step": lambda: [": ".join(text for text in (item.who, item.next_step) if text) if item.next_step else ""],
        "age": lambda: [draft.age],
        "gender": lambda: [draft.gender],
        "place": lambda: [draft.place],
        "needs": lambda: draft.need,
        "interests": lambda: draft.interest,
        "access": lambda: [draft.access_need],
        "language": lambda: [draft.language],
        "free": lambda: [free_in_words(draft.free)],
    }
    return _sections(HAND_OVER_PARTS, parts, ticked)


def team_summary(
    draft: Draft, plan: Plan, alerts: Sequence[Alert], tried: Sequence[Named], ticked: Collection[str]
) -> list[Section]:
    """What the multidisciplinary team reads: the ticked parts that hold something. No score."""
    parts: Mapping[str, Callable[[], Sequence[str]]] = {
        "needs": lambda: needs_in_words(draft),
        "interests": lambda: draft.interest,
        "age": lambda: [draft.age],
        "access": lambda: [draft.access_need, draft.language],
        "limits": lambda: limits_in_words(draft),
        "plan": lambda: [plan_line(item) for item in plan.items],
        "tried": lambda: [*(named.name for named in tried), *(outcome_line(i) for i in plan.items if i.outcome)],
        "alerts": lambda: [f"{alert.text}. {alert.pathway}" for alert in alerts],
    }
    return _sections(TEAM_PARTS, parts, ticked)


def _sections(
    headings: Mapping[str, str], parts: Mapping[str, Callable[[], Sequence[str]]], ticked: Collection[str]
) -> list[Section]:
    sections = []
    for key, heading in headings.items():
        lines = tuple(line for line in parts[key]() if line) if key in ticked else ()
        if lines:
            sections.append(Section(heading, lines))
    return sections


def needs_in_words(draft: Draft) -> list[str]:
    """Needs with their importance, the most important first."""
    pairs = sorted(zip(draft.importance, draft.need, strict=True), key=lambda pair: pair[0], reverse=True)
    return [f"{need} ({IMPORTANCE.get(importance, IMPORTANCE['2']).lower()})" for importance, need in pairs]


def limits_in_words(draft: Draft) -> list[str]:
    """The limits that were set."""
    cost = "Must be free" if draft.max_cost in ("0", "0.00") else f"Up to £{draft.max_cost} a session"
    modes = [MODE_WORDS[mode] for mode in draft.mode if mode in MODE_WORDS]
    return [
        f"Up to {draft.max_distance_km} km away" if draft.max_distance_km else "",
        cost if draft.max_cost else "",
        f"Only {and_list(modes)}" if modes else "",
        free_in_words(draft.free),
        f"Does not want: {draft.avoid}" if draft.avoid else "",
    ]


def free_in_words(free: Sequence[str]) -> str:
    """As "Monday morning, Tuesday afternoon"."""
    return ", ".join(free)


def plan_line(item: PlanItem) -> str:
    """One line of the plan: service, goal, step, review."""
    review = day_of(item.review_on)
    parts = [item.title, f"goal: {item.goal}" if item.goal else ""]
    parts += [f"next: {item.next_step} ({item.who})" if item.next_step else ""]
    parts += [f"review on {day_in_words(review)}" if review else ""]
    return "; ".join(part for part in parts if part)


def outcome_line(item: PlanItem) -> str:
    """What came of one service: "Seaside Choir: went along"."""
    outcome = OUTCOMES.get(item.outcome, "")
    reason = REASONS.get(item.outcome_reason, "") if item.outcome == "declined" else ""
    return f"{item.title}: {outcome.lower()}{f' ({reason.lower()})' if reason else ''}" if outcome else ""


def made_on_in_words(today: date, worker: str, organization: str) -> str:
    """The line under a paper's title."""
    by = " ".join(
        text for text in (f"by {worker}" if worker else "", f"({organization})" if organization else "") if text
    )
    return upper_first(f"made on {day_in_words(today)} {by}".strip())
