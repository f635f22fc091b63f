"""The API keeps what its description says: generated requests against every operation, every check of the tool.

About 300 cases here; ``SCHEMATHESIS_CASES`` raises the number a test has for `make reliability`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import ignored_auth
from starlette.testclient import TestClient

from matcher import Engine
from service.app import create_app, routes_of
from service.config import read_config
from service.keys import SCOPES
from service.openapi import OPERATIONS
from service.problems import MEDIA_TYPE
from service.run import keys_of

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "16"))
ALL = [*OPERATIONS, ("post", "/v1/outcomes")]
RELOAD = "/v1/catalogue/reload"
"""Reads a catalogue in a process of its own, seconds each time: here only as somebody who may not."""
EFFORT = settings(
    max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=False
)


@dataclass(frozen=True)
class Api:
    """A running application that needs keys, its operations by method and path, and a key to everything."""

    session: Any
    operations: Mapping[tuple[str, str], Any]
    key: str


@pytest.fixture(scope="module")
def api(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    config = read_config(state=tmp_path_factory.mktemp("state"), rate_per_minute=1_000_000, failed_per_minute=1_000_000)
    _, key = keys_of(config).make("the tool", SCOPES)
    app = create_app(config, engine)
    described = schemathesis.openapi.from_dict(app.state.openapi)
    with asgi.get_client(app) as session:
        found = [result.ok() for result in described.get_all_operations()]
        yield Api(session, {(operation.method, operation.path): operation for operation in found}, key)


def check(api: Api, which: tuple[str, str], mode: GenerationMode, **headers: str) -> None:
    """Send generated requests, good or bad, and run every check on the answers."""

    @EFFORT
    @given(case=api.operations[which].as_strategy(generation_mode=mode))
    def generated(case: Case) -> None:
        if mode is GenerationMode.POSITIVE:
            _windows_in_order(case.body)
        case.call_and_validate(
            session=api.session, base_url="http://testserver", headers=headers, excluded_checks=[ignored_auth]
        )

    generated()


@pytest.mark.parametrize("which", [key for key in ALL if key[1] != RELOAD], ids=" ".join)
def test_every_operation_keeps_its_contract(api: Api, which: tuple[str, str]) -> None:
    check(api, which, GenerationMode.POSITIVE, Authorization=f"Bearer {api.key}")


@pytest.mark.parametrize("which", [key for key in ALL if key[1] != RELOAD and key[0] == "post"], ids=" ".join)
def test_every_operation_refuses_what_breaks_its_contract(api: Api, which: tuple[str, str]) -> None:
    check(api, which, GenerationMode.NEGATIVE, Authorization=f"Bearer {api.key}")


@pytest.mark.parametrize("which", ALL, ids=" ".join)
def test_every_operation_keeps_its_contract_without_a_key(api: Api, which: tuple[str, str]) -> None:
    check(api, which, GenerationMode.POSITIVE)


def _windows_in_order(value: Any) -> None:
    """JSON Schema cannot say that ``from`` comes before ``to``: put generated times in order."""
    if isinstance(value, dict):
        start, end = value.get("from", "00:00"), value.get("to", "24:00")
        if isinstance(start, str) and isinstance(end, str) and start >= end:
            value["from"], value["to"] = min(start, end), "24:00"
        for inner in value.values():
            _windows_in_order(inner)
    elif isinstance(value, list):
        for inner in value:
            _windows_in_order(inner)


def test_every_operation_is_described_with_its_errors_and_an_example(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert set(OPERATIONS) <= described
    for method, path in OPERATIONS:
        operation = document["paths"][path][method]
        assert operation["description"]
        assert {"200", "400", "413", "500"} <= set(operation["responses"])
        if "security" in operation:
            assert {"401", "403", "429"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            if status != "200":
                assert MEDIA_TYPE in response["content"]
        if method == "post":
            assert operation["requestBody"]["content"]["application/json"]["example"]
            assert {"408", "415", "422"} <= set(operation["responses"])


def test_every_api_route_is_described(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for route in routes_of(client.app.state.routers):
        if route.path.startswith("/v1/"):
            assert route.path.replace(":path", "") in paths


def test_every_example_is_answered(client: TestClient) -> None:
    for (method, path), operation in OPERATIONS.items():
        if operation.example is not None and path not in (RELOAD, "/v1/explanations"):
            assert client.request(method, path, json=operation.example).status_code == 200, path
