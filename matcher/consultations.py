"""Consultations from outside (JSON, CSV, HTTP) become checked :class:`Consultation` records.

Errors name the field and the rule and never repeat what was written.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from matcher.domain import DAYS, Consultation, InputError, Need, OtherPerson, Point, TimeWindow

LONGEST_NOTE = 20_000
LONGEST_LABEL = 200
MOST_ITEMS = 50
MOST_BYTES = 1_000_000
"""Larger than any consultation within these limits."""
BYTE_ORDER_MARK = "\ufeff"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?", re.ASCII)
_MODE_NAMES = {
    "in person": "in_person",
    "in-person": "in_person",
    "home visit": "home_visit",
    "home-visit": "home_visit",
}


def _plain(value: object) -> object:
    """Text without control characters; lone surrogates are refused because nothing downstream can carry them."""
    if not isinstance(value, str):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("holds characters that are not text") from None
    return _CONTROL.sub("", value)


def _whole(value: object) -> object:
    """JSON knows no integers: 2.0 is 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Plain = BeforeValidator(_plain)
Whole = Annotated[int, BeforeValidator(_whole)]
Note = Annotated[str, StringConstraints(max_length=LONGEST_NOTE), Plain]
Identity = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_LABEL), Plain]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LABEL), Plain]
Postcode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=16), Plain]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class NeedInput(_Input):
    """A need in the worker's own words."""

    label: Label
    importance: Whole = Field(2, ge=1, le=3)


class PointInput(_Input):
    """WGS84 degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class OtherInput(_Input):
    """Somebody a need may be for."""

    relation: Label
    age: float | None = Field(None, ge=0, le=130)


class WindowInput(_Input):
    """A time the person is free: a day and from - to."""

    day: str
    start: str = Field("00:00", alias="from")
    end: str = Field("24:00", alias="to")

    @field_validator("day")
    @classmethod
    def _day(cls, value: str) -> str:
        day_index(value)
        return value

    @field_validator("start", "end")
    @classmethod
    def _time(cls, value: str) -> str:
        minutes(value)
        return value

    @model_validator(mode="after")
    def _in_order(self) -> WindowInput:
        if minutes(self.start) >= minutes(self.end):
            raise ValueError("from must come before to")
        return self


class ConsultationInput(_Input):
    """A consultation as JSON: also the body of ``POST /v1/suggestions``."""

    id: Identity = ""
    note: Note = ""
    needs: list[NeedInput] = Field(default_factory=list, max_length=MOST_ITEMS)
    interests: list[Label] = Field(default_factory=list, max_length=MOST_ITEMS)
    age: float | None = Field(None, ge=0, le=130)
    gender: Label | None = None
    location: PointInput | None = None
    postcode: Postcode | None = None
    max_distance_km: float | None = Field(None, ge=0, le=2000)
    max_cost: float | None = Field(None, ge=0, le=100_000)
    others: list[OtherInput] = Field(default_factory=list, max_length=MOST_ITEMS)
    person_ref: Label | None = None
    languages: list[Label] = Field(default_factory=list, max_length=MOST_ITEMS)
    access_needs: list[Label] = Field(default_factory=list, max_length=MOST_ITEMS)
    modes: list[str] = Field(default_factory=list, max_length=MOST_ITEMS)
    availability: list[WindowInput] = Field(default_factory=list, max_length=MOST_ITEMS)
    avoid: list[Label] = Field(default_factory=list, max_length=MOST_ITEMS)
    already_tried: list[Label] = Field(default_factory=list, max_length=500)

    @field_validator("modes")
    @classmethod
    def _modes(cls, value: list[str]) -> list[str]:
        named = [_MODE_NAMES.get(mode.strip().casefold(), mode.strip().casefold()) for mode in value]
        if any(mode not in ("in_person", "online", "phone", "home_visit") for mode in named):
            raise ValueError("must be in_person, online, phone or home_visit")
        return named

    @model_validator(mode="after")
    def _says_something(self) -> ConsultationInput:
        if not (self.note.strip() or self.needs or self.interests):
            raise ValueError("needs a note, a need or an interest")
        return self

    def record(self) -> Consultation:
        """The immutable record that the engine reads."""
        return Consultation(
            id=self.id,
            note=self.note,
            needs=tuple(Need(need.label, need.importance) for need in self.needs),
            interests=tuple(self.interests),
            age=self.age,
            gender=self.gender,
            location=Point(self.location.lat, self.location.lon) if self.location else None,
            postcode=self.postcode,
            max_distance_km=self.max_distance_km,
            max_cost=self.max_cost,
            others=tuple(OtherPerson(other.relation, other.age) for other in self.others),
            person_ref=self.person_ref,
            languages=tuple(self.languages),
            access_needs=tuple(self.access_needs),
            modes=tuple(self.modes),
            availability=tuple(
                TimeWindow(day_index(w.day), minutes(w.start), minutes(w.end)) for w in self.availability
            ),
            avoid=tuple(self.avoid),
            already_tried=tuple(self.already_tried),
        )


@lru_cache(maxsize=256)
def day_index(text: str) -> int:
    """0 to 6 for Mon, MO or Monday and so on, in any case."""
    plain = text.strip().casefold()
    for place, name in enumerate(DAYS):
        full = name.casefold()
        if (len(plain) >= 2 and full.startswith(plain)) or plain in (f"{full[:3]}s", f"{full}s", f"{full[:4]}s"):
            return place
    raise ValueError("must be a day such as Mon, MO or Monday")


@lru_cache(maxsize=2048)
def minutes(text: str) -> int:
    """Minutes after midnight of "09:30"; 24:00 is the end of the day."""
    match = _TIME.fullmatch(text.strip())
    total = int(match[1]) * 60 + int(match[2]) if match else math.inf
    if total > 24 * 60:
        raise ValueError("must be a time such as 09:30")
    return int(total)


def read_consultation(content: str | bytes | Mapping[str, Any]) -> Consultation:
    """One consultation from JSON text or an already parsed object.

    Raises:
        InputError: naming the fields and rules that were broken, never their content.
    """
    try:
        if isinstance(content, Mapping):
            return ConsultationInput.model_validate(tolerant(content)).record()
        return ConsultationInput.model_validate(tolerant(parse_json(content))).record()
    except ValidationError as error:
        raise InputError(describe(error)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InputError("consultation: a field is given twice")
    return fields


def _refuse(_: str) -> float:
    raise InputError("consultation: numbers must be finite")


_STRICT_JSON = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_unique)


def parse_json(content: str | bytes) -> Any:
    """JSON of any shape, strictly: no NaN, no field twice.

    Raises:
        InputError: it is not JSON; the message holds none of it.
    """
    try:
        if isinstance(content, bytes):
            return _STRICT_JSON.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
        return _STRICT_JSON.decode(content.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        raise InputError("consultation: not a JSON object; see the README for an example") from None


_LISTS = "needs interests others languages access_needs modes availability avoid already_tried"
_EMPTY_WHEN_NULL = frozenset((*_LISTS.split(), "note", "id"))


def tolerant(value: Any) -> dict[str, Any]:
    """What other systems send, in our form: null lists are empty, a bare text is a need."""
    if not isinstance(value, Mapping):
        raise InputError("consultation: must be a JSON object; see the README for an example")
    cleaned = {key: item for key, item in value.items() if item is not None or key not in _EMPTY_WHEN_NULL}
    if isinstance(cleaned.get("needs"), list):
        cleaned["needs"] = [{"label": need} if isinstance(need, str) else need for need in cleaned["needs"]]
    return cleaned


def faults_of(error: ValidationError, also_known: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The broken rules as (field path, rule); an unknown field is not named, it may be somebody's words."""
    known = {*ConsultationInput.model_fields, *also_known}
    known |= {"label", "importance", "lat", "lon", "relation", "day", "from", "to"}
    faults = []
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        path = [str(step) if isinstance(step, int) or step in known else "(unknown field)" for step in fault["loc"]]
        rule = fault["msg"].removeprefix("Value error, ") if fault["type"] != "extra_forbidden" else "is not a field"
        faults.append((".".join(path) or "consultation", rule))
    return list(dict.fromkeys(faults))


def describe(error: ValidationError) -> str:
    """The broken rules in one line."""
    return "; ".join(f"{path}: {rule}" for path, rule in faults_of(error)[:8])


def parse_text(content: str | bytes) -> dict[str, Any]:
    """The fields of a consultation typed, piped in or read from a file: a JSON object, or else a plain note.

    Raises:
        InputError: it is larger than any consultation, no text, or JSON with a fault.
    """
    text = (_decode(content) if isinstance(content, bytes) else content).removeprefix(BYTE_ORDER_MARK)
    if text.lstrip().startswith("{"):
        document = parse_json(text)
        if isinstance(document, dict):
            return document
    return {"note": text.strip()} if text.strip() else {}


def _decode(content: bytes) -> str:
    """Text as UTF-8, as UTF-16 with its mark, or as Windows saves it."""
    if len(content) > MOST_BYTES:
        raise InputError(f"consultation: is larger than {MOST_BYTES} bytes")
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise InputError("consultation: is not text; save it as UTF-8")
