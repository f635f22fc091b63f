"""The API's description: what FastAPI knows of the routes, and the bodies that the service reads itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from matcher.consultations import ConsultationInput
from matcher.domain import DAYS, MODES
from matcher.taxonomy import KINDS
from service import schemas
from service.bodies import MOST_CONSULTATIONS, ConceptQuery, ReloadOrder
from service.problems import MEDIA_TYPE, TITLES

EXAMPLE: Mapping[str, Any] = {
    "note": "Wife died in February. Not cooking. Used to play crib and dominoes. No groups where people sit and cry.",
    "needs": [{"label": "company", "importance": 3}, "bereavement"],
    "interests": ["crib", "dominoes"],
    "age": 81,
    "postcode": "BN12 4AP",
    "max_distance_km": 8,
    "availability": [{"day": "Thu", "from": "10:00", "to": "15:00"}],
    "avoid": ["grief circles"],
}
ALWAYS = (400, 413, 500)
GUARDED = (401, 403, 429)
WITH_BODY = (408, 415, 422)
WORD = r"[^\s\x00-\x1f\x7f\x85]"
"""A text must hold something that can be seen."""
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
LATEST = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
DAY_NAMES = [form for day in DAYS for form in (day, day[:3], day[:2].upper())]


@dataclass(frozen=True, slots=True)
class Operation:
    """What FastAPI cannot know of an operation: body, example, answer, and statuses beyond the usual."""

    answer: type[BaseModel] | None = None
    body: Mapping[str, Any] | None = None
    example: Mapping[str, Any] | None = None
    statuses: tuple[int, ...] = ()
    media_type: str = ""


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


CONSULTATION = _ref("ConsultationInput")
OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("post", "/v1/suggestions"): Operation(schemas.AnswerOut, CONSULTATION, EXAMPLE, (503,)),
    ("post", "/v1/suggestions/batch"): Operation(
        schemas.AnswersOut, _ref("Batch"), {"consultations": [{"id": "case-1", **EXAMPLE}]}, (503,)
    ),
    ("post", "/v1/explanations"): Operation(
        schemas.ExplanationOut, _ref("Explanation"), {"service_id": "svc-1", "consultation": EXAMPLE}, (404, 503)
    ),
    ("get", "/v1/services/{service_id}"): Operation(schemas.ServiceOut, statuses=(404, 503)),
    ("post", "/v1/concepts"): Operation(
        schemas.ConceptsOut, _ref("ConceptQuery"), {"text": "berevement", "kinds": ["need"], "limit": 5}, (503,)
    ),
    ("post", "/v1/catalogue/reload"): Operation(
        schemas.ReloadOut, _ref("ReloadOrder"), {"accept_shrink": False}, (409, 503)
    ),
    ("get", "/health/live"): Operation(schemas.LiveOut),
    ("get", "/health/ready"): Operation(schemas.ReadyOut, statuses=(503,)),
    ("get", "/metrics"): Operation(media_type="text/plain"),
    ("get", "/openapi.json"): Operation(),
}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application, every body, example and status included."""
    described = app.openapi()
    components = described.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    components |= _schemas()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            _describe(operation, OPERATIONS.get((method, path), Operation()), has_body=method == "post")
    return described


def _describe(operation: dict[str, Any], known: Operation, *, has_body: bool) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    if known.media_type:
        responses["200"]["content"] = {known.media_type: {"schema": {"type": "string"}}}
    if known.answer is not None:
        responses["200"]["content"] = {"application/json": {"schema": _ref(known.answer.__name__)}}
    if known.body is not None:
        content = {"schema": dict(known.body), "example": known.example}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    statuses = {
        *ALWAYS,
        *known.statuses,
        *(GUARDED if "security" in operation else ()),
        *(WITH_BODY if has_body else ()),
    }
    if "parameters" in operation:
        statuses.add(422)
    for status in sorted(statuses):
        schema = {"schema": _ref(schemas.ProblemOut.__name__)}
        responses.setdefault(str(status), {"description": TITLES[status][1], "content": {MEDIA_TYPE: schema}})


def _schemas() -> dict[str, Any]:
    """Every shape of a body or an answer, by name."""
    models = {o.answer for o in OPERATIONS.values() if o.answer} | {schemas.ProblemOut, ConceptQuery, ReloadOrder}
    pairs = [(model, "validation") for model in (*sorted(models, key=lambda m: m.__name__), ConsultationInput)]
    _, found = models_json_schema(pairs, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    defined: dict[str, Any] = found["$defs"]
    defined["ConsultationInput"] = _as_accepted(defined["ConsultationInput"])
    defined["WindowInput"] = _window(defined["WindowInput"])
    defined["NeedInput"]["properties"]["label"] = _label()
    defined["OtherInput"]["properties"]["relation"] = _label()
    defined["ConceptQuery"]["properties"]["kinds"]["items"] = {"enum": list(KINDS)}
    items = {"type": "array", "minItems": 1, "maxItems": MOST_CONSULTATIONS, "items": CONSULTATION}
    defined["Batch"] = _object({"consultations": items})
    service_id = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
    defined["Explanation"] = _object({"service_id": service_id, "consultation": CONSULTATION})
    return defined


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _as_accepted(schema: dict[str, Any]) -> dict[str, Any]:
    """The consultation as it may be sent: bare texts as needs, null for nothing, and something to go by."""
    fields: dict[str, Any] = schema["properties"]
    fields["needs"]["items"] = {"anyOf": [_label(), fields["needs"]["items"]]}
    fields["modes"]["items"] = {"enum": list(MODES)}
    for name in ("interests", "languages", "access_needs", "avoid", "already_tried"):
        fields[name]["items"] = _label()
    for name in ("gender", "person_ref"):
        fields[name]["anyOf"] = [_label(), {"type": "null"}]
    for name, field in fields.items():
        if field.get("type") in ("array", "string"):
            fields[name] = {"anyOf": [field, {"type": "null"}]}
    said = {
        "note": {"type": "string", "pattern": WORD},
        "needs": {"type": "array", "minItems": 1},
        "interests": {"type": "array", "minItems": 1},
    }
    return {**schema, "anyOf": [{"required": [name], "properties": {name: rule}} for name, rule in said.items()]}


def _label() -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": 200, "pattern": WORD}


def _window(schema: dict[str, Any]) -> dict[str, Any]:
    """A time somebody is free; that ``from`` comes before ``to`` is for words to say."""
    properties = {
        "day": {"enum": DAY_NAMES},
        "from": {"type": "string", "pattern": TIME, "default": "00:00"},
        "to": {"type": "string", "pattern": LATEST, "default": "24:00"},
    }
    return {**schema, "properties": properties, "description": f"{schema['description']} from must come before to."}
