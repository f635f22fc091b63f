"""The shapes of answers, for the API's description. What is sent is made by :mod:`matcher.presentation`."""

from __future__ import annotations

from pydantic import BaseModel, Field


class FaultOut(BaseModel):
    """One broken rule."""

    field: str = Field(description="Path of the field; a field that does not exist is not named.")
    rule: str


class ProblemOut(BaseModel):
    """Any error (RFC 9457). Never holds what was sent."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[FaultOut] | None = None


class VersionsOut(BaseModel):
    """What an answer was made with; equal versions and equal input give equal suggestions."""

    engine: str
    catalogue: str
    taxonomy: str
    settings: str
    model: str
    as_of: str


class AlertOut(BaseModel):
    """A red flag in the note."""

    category: str
    text: str
    pathway: str


class ServiceOut(BaseModel):
    """An entry of the catalogue."""

    id: str
    name: str
    organization: str
    description: str
    when: str
    cost: str
    referral: str
    phones: list[str]
    email: str
    url: str
    place: str
    postcode: str
    modes: list[str]
    last_modified: str | None


class ReasonOut(BaseModel):
    """One part of a score; the weights of all reasons add up to the score."""

    text: str
    weight: float
    concept: str | None


class CautionOut(BaseModel):
    """Something to check before sending anyone."""

    code: str
    text: str


class SuggestionOut(BaseModel):
    """A service for this person, with what speaks for it."""

    service: ServiceOut
    rank: int
    score: float
    standing: str
    distance_km: float | None
    reasons: list[ReasonOut]
    cautions: list[CautionOut]


class AnswerOut(BaseModel):
    """The answer to one consultation."""

    response_id: str
    consultation_id: str
    versions: VersionsOut
    alerts: list[AlertOut]
    suggestions: list[SuggestionOut]
    screened_out: dict[str, int] = Field(description="How many services were kept aside, by the code of the reason.")
    unmet_needs: list[str]
    not_understood: list[str] = Field(
        description="Needs and interests, as sent, that were not recognised: suggestions use their words only."
    )
    not_avoided: list[str] = Field(
        description="Things to avoid, as sent, that were not recognised: suggestions may hold them."
    )


class AnswersOut(BaseModel):
    """The answers to a batch, in its order."""

    answers: list[AnswerOut]


class ExplanationOut(SuggestionOut):
    """How one service stands for one person."""

    rank: int | None = Field(description="Its place in the list that would be shown; null when it is not shown.")  # type: ignore[assignment]
    ruled_out: list[str] = Field(description="Every reason why this person cannot use it.")
    versions: VersionsOut


class ConceptOut(BaseModel):
    """A concept for what was typed."""

    id: str
    label: str
    kind: str
    matched: str
    score: float


class ConceptsOut(BaseModel):
    """Concepts, best first."""

    concepts: list[ConceptOut]


class LiveOut(BaseModel):
    """The process answers."""

    status: str


class ReadyOut(BaseModel):
    """The service can rank."""

    status: str
    degraded: list[str]
    catalogue: str
    services: int
    catalogue_age_s: int


class ReloadOut(BaseModel):
    """What came of offering a catalogue."""

    result: str
    catalogue: str
    services: int
    workers: int
