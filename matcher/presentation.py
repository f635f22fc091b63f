"""How answers look on a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from matcher.catalogue import CODES, Finding
from matcher.domain import DAYS, Alert, Recommendation, Service, Suggestion

MOST_REASONS = 3


def as_json(recommendation: Recommendation) -> dict[str, Any]:
    """A recommendation as plain JSON values; reasons in their quoting form, since this goes to the caller only."""
    return {
        "consultation_id": recommendation.consultation_id,
        "versions": {**asdict(recommendation.stamp), "as_of": recommendation.as_of.isoformat()},
        "alerts": [asdict(alert) for alert in recommendation.alerts],
        "suggestions": [suggestion_json(suggestion) for suggestion in recommendation.suggestions],
        "screened_out": dict(recommendation.screened_out),
        "unmet_needs": list(recommendation.unmet_needs),
    }


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
        "cautions": [asdict(caution) for caution in suggestion.cautions],
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
    """Days and times in words: "Monday 10:00-12:00, Thursday 10:00-12:00 (monthly)"."""
    said = []
    for session in service.sessions:
        often = "" if session.freq in ("WEEKLY", "DAILY") and session.interval == 1 else " (monthly)"
        if session.freq == "WEEKLY" and session.interval == 2:
            often = " (fortnightly)"
        said.append(f"{DAYS[session.day]} {_clock(session.start)}-{_clock(session.end)}{often}")
    return ", ".join(said) or "by appointment or not said"


def cost(service: Service) -> str:
    """What it costs, in the directory's words where there are any."""
    if service.fees:
        return service.fees
    return "not said" if service.cost is None else "free" if service.cost == 0 else f"£{service.cost:g}"


def print_table(recommendation: Recommendation, console: Console | None = None) -> None:
    """The ranked list for a link worker: alerts first, then services with reasons and what to check."""
    console = console or Console()
    for alert in recommendation.alerts:
        _print_alert(alert, console)
    if not recommendation.suggestions:
        console.print("Nothing in this directory fits. Loosen a limit, or ask what else matters.")
    else:
        table = Table(show_lines=True, pad_edge=False)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("Service", ratio=3)
        table.add_column("Why", ratio=5)
        table.add_column("Check first", ratio=3)
        for suggestion in recommendation.suggestions:
            table.add_row(
                str(suggestion.rank), _service_cell(suggestion), _why_cell(suggestion), _check_cell(suggestion)
            )
        console.print(table)
    _print_rest(recommendation, console)


def _print_alert(alert: Alert, console: Console) -> None:
    console.print(f"[bold]! {escape(alert.text)}[/bold]\n  {escape(alert.pathway)}")


def _print_rest(recommendation: Recommendation, console: Console) -> None:
    if recommendation.unmet_needs:
        console.print(f"Nothing here for: {escape('; '.join(recommendation.unmet_needs))}")
    if recommendation.screened_out:
        counts = ", ".join(f"{code.replace('_', ' ')} {n}" for code, n in recommendation.screened_out.items())
        console.print(f"Kept aside: {counts}  (`matcher why` tells the reason for one service)")
    console.print(f"[dim]{escape(str(recommendation.stamp))} as of {recommendation.as_of}[/dim]")


def _service_cell(suggestion: Suggestion) -> str:
    service = suggestion.service
    far = "" if suggestion.distance_km is None else f"{_km(suggestion)} away · "
    lines = [f"[bold]{escape(service.name)}[/bold]", escape(service.organization), f"{far}{escape(cost(service))}"]
    lines += [escape(when(service)), escape(" ".join(service.phones[:1]))]
    return "\n".join(line for line in dict.fromkeys(lines) if line and line != service.name)


def _km(suggestion: Suggestion) -> str:
    place = suggestion.service.place
    vague = place is not None and place.precision_km > 0
    return f"about {suggestion.distance_km:.0f} km" if vague else f"{suggestion.distance_km:.1f} km"


def _why_cell(suggestion: Suggestion) -> str:
    shown = [reason for reason in suggestion.reasons if reason.weight > 0][:MOST_REASONS]
    return "\n".join(f"{escape(reason.quoting)} [dim](+{reason.weight:.2f})[/dim]" for reason in shown)


def _check_cell(suggestion: Suggestion) -> str:
    return "\n".join(escape(caution.text) for caution in suggestion.cautions)


def print_why(suggestion: Suggestion, ruled_out: Sequence[str], console: Console | None = None) -> None:
    """The account of one service for one person: what rules it out, every part of its score, what to check."""
    console = console or Console()
    console.print(f"[bold]{escape(suggestion.service.name)}[/bold]  score {suggestion.score:.3f}")
    for text in ruled_out:
        console.print(f"Not suggested: {escape(text)}")
    for reason in suggestion.reasons:
        console.print(f"  {reason.weight:+.3f}  {escape(reason.quoting)}")
    if not any(reason.weight > 0 for reason in suggestion.reasons):
        console.print("  nothing in this consultation speaks for it")
    for caution in suggestion.cautions:
        console.print(f"  check: {escape(caution.text)}")


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
    console.print(f"{len(scores)} services, {sum(counts.values())} findings, mean completeness {mean:.0%}")
    for code, meaning in CODES.items():
        if counts[code]:
            console.print(f"[bold]{counts[code]:>5}[/bold]  {meaning}")
            for finding in [f for f in findings if f.code == code][:examples]:
                where = " ".join(x for x in (finding.where, finding.service_id) if x)
                console.print(f"       {escape(where)}: {escape(finding.text)}")
    worst = sorted(scores.items(), key=lambda item: (item[1], item[0]))[:examples]
    for service_id, score in worst:
        console.print(f"least complete: {escape(service_id)} {score:.0%}")


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
