"""How answers look on a terminal and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from pydantic_core import PydanticSerializationError, to_json
from rich.box import HORIZONTALS
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from matcher.catalogue import CODES, Finding
from matcher.domain import DAYS, MINUTES_A_DAY, Recommendation, Service, Suggestion

MOST_REASONS = 3
SMALLEST_SHARE = 0.2
"""A reason below this share of the strongest one is not said aloud."""

LONGEST_ID = 36
"""A UUID in one line, so that it can be copied for ``matcher why``."""

_OTHERWISE = (b"NaN", b"Infinity", b"0.0000", b"e-6")
"""In what pydantic writes: may be a number that Python writes otherwise (or part of a text, where it does no harm)."""

JUST_OVER_HALF = 1e-9
"""Makes 5.35 km, which a float holds as a little less, 5.4 km, as the rule on distance says it."""

ASIDE = {
    "closed": "closed",
    "duplicate": "listed twice",
    "already_tried": "tried before",
    "age": "for other ages",
    "sex": "for women or men only",
    "modes": "not in a way the person can use",
    "contact": "contact may not be safe",
    "declined": "not wanted",
    "distance": "too far",
    "cost": "over the cost limit",
    "availability": "at other times",
    "access": "with steps",
    "restricted": "for members or patients only",
    "full": "full",
}
"""Why services were kept aside, by the code of the rule."""


def as_json(recommendation: Recommendation) -> dict[str, Any]:
    """A recommendation as plain JSON values; reasons in their quoting form, since this goes to the caller only."""
    return {
        "consultation_id": recommendation.consultation_id,
        "versions": {**asdict(recommendation.stamp), "as_of": recommendation.as_of.isoformat()},
        "alerts": [asdict(alert) for alert in recommendation.alerts],
        "suggestions": [suggestion_json(suggestion) for suggestion in recommendation.suggestions],
        "screened_out": dict(recommendation.screened_out),
        "unmet_needs": list(recommendation.unmet_needs),
        "not_understood": list(recommendation.not_understood),
        "not_avoided": list(recommendation.not_avoided),
    }


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Compact JSON as UTF-8, of numbers with six decimals at most. ValueError where JSON cannot say a number.

    As Python's own writer has it, by pydantic's, which is faster: but that lets NaN pass, refuses half a surrogate pair
    and writes numbers below 0.0001 otherwise.
    """
    with suppress(PydanticSerializationError):
        written = to_json(document)
        if not any(sign in written for sign in _OTHERWISE):
            return written
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(errors="replace")


def suggestion_json(suggestion: Suggestion) -> dict[str, Any]:
    """One suggestion as plain JSON values."""
    return {
        "service": service_json(suggestion.service),
        "rank": suggestion.rank,
        "score": suggestion.score,
        "standing": suggestion.standing.name,
        "distance_km": suggestion.distance_km,
        "reasons": [
            {"text": reason.quoting, "weight": round(reason.weight, 6), "concept": reason.concept}
            for reason in suggestion.reasons
        ],
        "cautions": [{"code": caution.code, "text": caution.text} for caution in suggestion.cautions],
    }


def service_json(service: Service) -> dict[str, Any]:
    """What a page or another system needs to show of a service."""
    return {
        "id": service.id,
        "name": service.name,
        "organization": service.organization,
        "description": service.description,
        "when": when(service),
        "cost": cost(service),
        "referral": service.referral,
        "phones": list(service.phones),
        "email": service.email,
        "url": service.url,
        "place": service.place_name,
        "postcode": service.postcode,
        "modes": list(service.modes),
        "last_modified": service.last_modified.isoformat() if service.last_modified else None,
    }


def when(service: Service) -> str:
    """Days and times in words: "Monday to Friday 09:00-17:00; Thursday 10:00-12:00 (monthly)"."""
    days: dict[tuple[str, str], list[int]] = {}
    for session in service.sessions:
        often = _how_often(session.freq, session.interval)
        days.setdefault((_hours(session.start, session.end), often), []).append(session.day)
    said = [f"{_days(frozenset(listed))} {hours}{often}" for (hours, often), listed in days.items()]
    return "; ".join(said) or "times not said"


def cost(service: Service) -> str:
    """What it costs, in the directory's words where there are any."""
    if service.fees:
        return service.fees
    return "cost not said" if service.cost is None else "free" if service.cost == 0 else f"£{service.cost:g}"


def spoken(suggestion: Suggestion) -> list[str]:
    """What a link worker can say aloud about one suggestion, a sentence an item: why, how far, how much.

    What matters least is left to ``matcher why``, which shows every part of the score.
    """
    reasons = [reason for reason in suggestion.reasons if reason.weight > 0 and reason.part == "tags"]
    least = SMALLEST_SHARE * max((reason.weight for reason in reasons), default=0.0)
    said = [reason.quoting for reason in reasons if reason.weight >= least][:MOST_REASONS]
    first, *more = said or [_by_words(suggestion)]
    facts = [_lower_first(fact) for fact in (_away(suggestion), cost(suggestion.service)) if fact]
    marks = [reason.quoting for reason in suggestion.reasons if reason.weight < 0]
    return ["; ".join([first, *facts]), *(f"Also {_lower_first(text)}" for text in more), *marks]


def _by_words(suggestion: Suggestion) -> str:
    """The strongest part of a score to which no concept speaks."""
    return next((reason.quoting for reason in suggestion.reasons if reason.weight > 0), "Nothing said speaks for it")


def print_table(recommendation: Recommendation, console: Console | None = None) -> None:
    """The ranked list for a link worker: alerts first, then services with reasons and what to check."""
    console = console or Console()
    for alert in recommendation.alerts:
        console.print(f"[bold]! {escape(alert.text)}[/bold]\n  {escape(alert.pathway)}")
    if not recommendation.suggestions:
        console.print("Nothing in this directory fits. Loosen a limit, or ask what else matters.")
    else:
        table = Table(show_lines=True, box=HORIZONTALS)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("Service", min_width=LONGEST_ID, overflow="fold")
        table.add_column("Why, and what to check first")
        for suggestion in recommendation.suggestions:
            table.add_row(str(suggestion.rank), _service_cell(suggestion.service), _why_cell(suggestion))
        console.print(table)
    _print_rest(recommendation, console)


def unrecognised(recommendation: Recommendation) -> list[str]:
    """What to tell a link worker of entries that no phrase places, in their words."""
    told = []
    if entries := recommendation.not_understood:
        what = (
            "were not recognised as needs or interests"
            if len(entries) > 1
            else "was not recognised as a need or interest"
        )
        told.append(f"{_quoted(entries)} {what}: suggestions use {'their' if len(entries) > 1 else 'its'} words only")
    if entries := recommendation.not_avoided:
        what = "were not recognised" if len(entries) > 1 else "was not recognised"
        told.append(f"{_quoted(entries)} {what}: check yourself that a suggestion does without")
    return told


def _quoted(entries: Sequence[str]) -> str:
    return ", ".join(f"“{entry}”" for entry in entries)


def _print_rest(recommendation: Recommendation, console: Console) -> None:
    for told in unrecognised(recommendation):
        console.print(escape(told))
    if recommendation.unmet_needs:
        console.print(f"Nothing here for: {escape('; '.join(map(_lower_first, recommendation.unmet_needs)))}")
    if recommendation.screened_out:
        counts = ", ".join(f"{n} {ASIDE.get(code, code)}" for code, n in recommendation.screened_out.items())
        console.print(f"Kept aside: {counts}. `matcher why` tells the reason for one service.")
    console.print(f"[dim]As of {recommendation.as_of}, versions {escape(str(recommendation.stamp))}[/dim]")


def _service_cell(service: Service) -> str:
    contact = next((text for text in (*service.phones, service.email, service.url) if text), "")
    lines = (service.organization, service.place_name, when(service), contact)
    shown = [line for line in dict.fromkeys(lines) if line and line != service.name]
    return "\n".join([f"[bold]{escape(service.name)}[/bold]", *map(escape, shown), f"[dim]{escape(service.id)}[/dim]"])


def _why_cell(suggestion: Suggestion) -> str:
    checks = [f"[bold]Check:[/bold] {escape(caution.text)}" for caution in suggestion.cautions]
    return "\n".join([*map(escape, spoken(suggestion)), *checks])


def _away(suggestion: Suggestion) -> str:
    if suggestion.distance_km is None:
        return ""
    place = suggestion.service.place
    vague = place is not None and place.precision_km > 0
    km = suggestion.distance_km + JUST_OVER_HALF
    return f"about {km:.0f} km away" if vague else f"{km:.1f} km away"


def print_why(suggestion: Suggestion, ruled_out: Sequence[str], console: Console | None = None) -> None:
    """The account of one service for one person: what rules it out, every part of its score, what to check."""
    console = console or Console()
    service = suggestion.service
    console.print(f"[bold]{escape(service.name)}[/bold]")
    facts = (service.organization, _away(suggestion), cost(service), when(service))
    console.print(escape(" · ".join(fact for fact in facts if fact and fact != service.name)))
    for text in ruled_out:
        console.print(f"[bold]Not suggested:[/bold] {escape(text)}")
    for caution in suggestion.cautions:
        console.print(f"[bold]Check:[/bold] {escape(caution.text)}")
    if not any(reason.weight > 0 for reason in suggestion.reasons):
        console.print("Nothing in this consultation speaks for it")
    parts = Table.grid(padding=(0, 2))
    for reason in suggestion.reasons:
        parts.add_row(f"{reason.weight:+.3f}", escape(reason.quoting))
    alone = "[bold]score[/bold] on its own; less in a list, below services for the same need"
    parts.add_row(f"[bold]{suggestion.score:6.3f}[/bold]", alone)
    console.print(parts)


def findings_json(findings: Sequence[Finding], scores: Mapping[str, float]) -> dict[str, Any]:
    """Findings with counts, and completeness by service."""
    counts = Counter(finding.code for finding in findings)
    return {
        "services": len(scores),
        "counts": dict(sorted(counts.items())),
        "findings": [asdict(finding) for finding in findings],
        "completeness": {service_id: round(score, 3) for service_id, score in scores.items()},
    }


def print_findings(
    findings: Sequence[Finding], scores: Mapping[str, float], examples: int, console: Console | None = None
) -> None:
    """Counts of each finding with a few examples, and how complete the entries are."""
    console = console or Console()
    counts = Counter(finding.code for finding in findings)
    mean = sum(scores.values()) / len(scores)
    services = "1 service" if len(scores) == 1 else f"{len(scores)} services"
    console.print(f"{services}, {sum(counts.values())} findings, mean completeness {mean:.0%}", highlight=False)
    for code, meaning in CODES.items():
        if counts[code]:
            console.print(f"[bold]{counts[code]:>5}[/bold]  {meaning}", soft_wrap=True, highlight=False)
            for finding in [f for f in findings if f.code == code][:examples]:
                where = ", ".join(x for x in (finding.where, finding.service_id) if x)
                console.print(f"       {escape(where)}: {escape(finding.text)}", soft_wrap=True, highlight=False)
    worst = sorted(scores.items(), key=lambda item: (item[1], item[0]))[:examples]
    for service_id, score in worst:
        console.print(f"least complete: {escape(service_id)} {score:.0%}", soft_wrap=True, highlight=False)


def _how_often(freq: str, interval: int) -> str:
    if freq in ("WEEKLY", "DAILY"):
        return {1: "", 2: " (fortnightly)"}.get(interval, f" (every {interval} weeks)")
    return " (monthly)" if freq == "MONTHLY" else " (not every week)"


@lru_cache
def _days(days: frozenset[int]) -> str:
    listed = sorted(days)
    if len(listed) == len(DAYS):
        return "Every day"
    if len(listed) > 2 and listed[-1] - listed[0] == len(listed) - 1:
        return f"{DAYS[listed[0]]} to {DAYS[listed[-1]]}"
    return ", ".join(DAYS[day] for day in listed)


@lru_cache(maxsize=4096)
def _hours(start: int, end: int) -> str:
    whole_day = start == 0 and end >= MINUTES_A_DAY - 1
    return "round the clock" if whole_day else f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def _lower_first(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
