"""Facts of a service as a link worker would say them: days, distance, cost, how to go, how fresh the entry is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from matcher.domain import DAYS, MINUTES_A_DAY, Service, Session

KM_A_MILE = 1.609344
DAYS_A_MONTH = 30.4375
MODE_WORDS = {"in_person": "in person", "online": "online", "phone": "by phone", "home_visit": "at home"}
OFTEN = {
    ("WEEKLY", 2): ", every other week",
    ("MONTHLY", 1): ", monthly",
    ("MONTHLY", 2): ", every other month",
    ("YEARLY", 1): ", once a year",
}
NOT_SAID = "The directory does not say"


def days_in_words(service: Service) -> str:
    """As "Mondays and Tuesdays, 10am to 4pm; Fridays, 10am to noon, monthly". Empty when the directory does not say."""
    days: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    for session in sorted(service.sessions, key=lambda s: (s.day, s.start)):
        key = (session.start, session.end, often_in_words(session))
        if session.day not in days[key]:
            days[key].append(session.day)
    said = [f"{_day_list(named)}, {_times(start, end)}{often}" for (start, end, often), named in days.items()]
    return "; ".join(said)


def often_in_words(session: Session) -> str:
    """How often a session is, when it is not each week."""
    if session.freq in ("WEEKLY", "DAILY") and session.interval == 1:
        return ""
    return OFTEN.get((session.freq, session.interval), ", not every week")


def _day_list(days: Sequence[int]) -> str:
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]} to {DAYS[days[-1]]}"
    return and_list([f"{DAYS[day]}s" for day in days])


def _times(start: int, end: int) -> str:
    if (start, end) == (0, MINUTES_A_DAY):
        return "all day"
    return f"{clock(start)} to {clock(end)}"


def clock(minute: int) -> str:
    """A time of day: "9.30am", "noon"."""
    if minute % MINUTES_A_DAY == 0:
        return "midnight"
    if minute == MINUTES_A_DAY // 2:
        return "noon"
    hour, rest = divmod(minute, 60)
    half = "am" if hour < 12 else "pm"
    return f"{(hour - 1) % 12 + 1}{f'.{rest:02d}' if rest else ''}{half}"


def and_list(texts: Sequence[str]) -> str:
    """Joined by commas, and "and" before the last: "a, b and c"."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}" if texts else ""


def distance_in_words(km: float | None, vague: bool = False) -> str:
    """As "1.8 km (1.1 miles) away"; "about" when a place is only known roughly; empty when it is not known."""
    if km is None:
        return ""
    miles = km / KM_A_MILE
    if vague:
        return f"About {km:.0f} km ({miles:.0f} miles) away" if miles >= 1.5 else "Within a mile or two"
    if km < 0.1:
        return "Very near, under 100 metres away"
    unit = "mile" if f"{miles:.1f}" == "1.0" else "miles"
    return f"{km:.1f} km ({miles:.1f} {unit}) away"


def cost_in_words(service: Service) -> str:
    """What it costs, in the directory's words where there are any."""
    if service.fees:
        return service.fees
    if service.cost is None:
        return NOT_SAID
    return "Free" if service.cost == 0 else f"£{service.cost:.2f}".removesuffix(".00")


def place_in_words(service: Service) -> str:
    """Where it is: "Station Road, ZZ1 2LU"."""
    place = service.place_name if service.place_name != service.postcode else ""
    return ", ".join(text for text in (upper_first(place), service.postcode) if text)


def how_in_words(modes: Iterable[str]) -> str:
    """How it meets people: "In person or by phone"."""
    words = [MODE_WORDS[mode] for mode in modes if mode in MODE_WORDS]
    joined = " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"
    return joined[:1].upper() + joined[1:]


def freshness_in_words(changed: date | None, as_of: date) -> str:
    """How old the directory's entry is."""
    if changed is None:
        return "The directory does not say when this entry was last checked"
    months = max(0, int((as_of - changed).days / DAYS_A_MONTH))
    age = "this month" if months == 0 else "1 month ago" if months == 1 else f"{months} months ago"
    if months >= 24:
        age = f"over {months // 12} years ago"
    return f"Entry last changed {changed.day} {changed:%B %Y}, {age}"


def day_in_words(day: date) -> str:
    """As "1 November 2026"."""
    return f"{day.day} {day:%B %Y}"


def safe_link(url: str) -> str:
    """A web address that may become a link; empty for anything but http and https."""
    return url if url.casefold().startswith(("https://", "http://")) and not set(url) & set(" \"'<>\\\r\n\t") else ""


def upper_first(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]
