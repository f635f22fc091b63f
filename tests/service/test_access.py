"""Who may do what: every route against every credential, from the list of routes itself."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

import service
from service.app import _check_access, routes_of, rule_of
from service.keys import SCOPES
from service.run import keys_of
from service.sessions import COOKIE

SECURE = "https://matcher.test"
OPEN_ROUTES = {"/health/live", "/health/ready", "/openapi.json", "/sign-in", "/sign-out"}
"""Routes for everybody, on purpose. A new one has to be added here."""
ADMIN_ROUTES = {"/metrics", "/v1/catalogue/reload"}
OUTCOME_ROUTES = {"/v1/outcomes"}


def call(client: TestClient, route: APIRoute, **headers: str) -> int:
    method = sorted(route.methods)[0]
    path = route.path.replace("{service_id:path}", "x")
    return client.request(method, path, headers=headers, follow_redirects=False).status_code


def expected_scope(route: APIRoute, steps: set[str]) -> str | None:
    """The table: open to all, admin, outcome, or else suggest. A page's step asked for by GET only starts over."""
    if route.path in OPEN_ROUTES or (route.path in steps and route.methods == {"GET"}):
        return None
    if route.path in ADMIN_ROUTES:
        return "admin"
    return "outcome" if route.path in OUTCOME_ROUTES else "suggest"


def test_every_route_has_the_scope_that_the_table_says(client: TestClient) -> None:
    routes = list(routes_of(client.app.state.routers))
    steps = {route.path for route in routes if route.methods == {"POST"} and not route.path.startswith("/v1/")}
    for route in routes:
        assert rule_of(route).scope == expected_scope(route, steps), (route.methods, route.path)


def test_a_route_without_a_rule_never_goes_into_service() -> None:
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: None)
    with pytest.raises(RuntimeError, match="/forgotten"):
        _check_access([router])


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_the_routes_of_its_scope_and_no_others(
    opened: Callable, make_key: Callable[..., str], scope: str
) -> None:
    key = make_key(scope)
    with opened(SECURE) as client:
        for route in routes_of(client.app.state.routers):
            status = call(client, route, Authorization=f"Bearer {key}")
            needed = rule_of(route).scope
            if needed in (None, scope):
                assert status not in (401, 403), route.path
            else:
                assert status == 403, route.path


def bad_credentials(good: str, revoked: str, expired: str) -> dict[str, dict[str, str]]:
    return {
        "none": {},
        "wrong secret": {"Authorization": f"Bearer {good[:-4]}abcd"},
        "unknown id": {"Authorization": "Bearer smk_00000000_" + "x" * 43},
        "revoked": {"Authorization": f"Bearer {revoked}"},
        "expired": {"Authorization": f"Bearer {expired}"},
        "non-ASCII": {"Authorization": "Bearer smk_é_é"},
        "10 KB": {"Authorization": "Bearer " + "x" * 10_000},
        "empty": {"Authorization": "Bearer "},
        "another scheme": {"Authorization": f"Basic {good}"},
        "another prefix": {"Authorization": f"Bearer xxx{good[3:]}"},
        "in another header": {"X-API-Key": good},
        "forged cookie": {"Cookie": f"{COOKIE}=abcd.9999999999.00.{'0' * 64}", "Sec-Fetch-Site": "same-origin"},
        "half a cookie": {"Cookie": f"{COOKIE}=x", "Sec-Fetch-Site": "same-origin"},
    }


def test_every_bad_credential_gets_the_same_answer_on_every_guarded_route(
    opened: Callable, make_key: Callable[..., str], config: Callable
) -> None:
    good, revoked, expired = make_key(*SCOPES), make_key(*SCOPES), make_key(*SCOPES, days=0)
    keys_of(config()).revoke(revoked.split("_")[1])
    bodies = set()
    with opened(SECURE, failed_per_minute=100_000) as client:
        guarded = [route for route in routes_of(client.app.state.routers) if rule_of(route).scope]
        for name, headers in bad_credentials(good, revoked, expired).items():
            encoded = {k: v.encode() for k, v in headers.items()}
            for route in guarded:
                path = route.path.replace("{service_id:path}", "x")
                answer = client.request(sorted(route.methods)[0], path, headers=encoded)
                assert answer.status_code == 401, (name, route.path)
                bodies.add((answer.content, answer.headers["www-authenticate"]))
        assert client.get(f"/v1/services/x?key={good}").status_code == 401
        assert client.get("/v1/services/x", headers={"Authorization": f"Bearer {good}"}).status_code == 404
    assert len(bodies) == 1


def test_a_key_revoked_while_the_service_runs_stops_working_within_seconds(
    opened: Callable, make_key: Callable[..., str], config: Callable
) -> None:
    key = make_key("suggest")
    other = make_key("suggest")
    with opened(SECURE) as client:
        assert client.get("/v1/services/x", headers={"Authorization": f"Bearer {key}"}).status_code == 404
        keys_of(config()).revoke(key.split("_")[1])
        ends = time.monotonic() + 5
        while client.get("/v1/services/x", headers={"Authorization": f"Bearer {key}"}).status_code != 401:
            assert time.monotonic() < ends
            time.sleep(0.2)
        assert client.get("/v1/services/x", headers={"Authorization": f"Bearer {other}"}).status_code == 404


def test_the_first_key_made_closes_a_service_that_was_open_and_losing_the_file_does_not_open_it(
    opened: Callable, make_key: Callable[..., str], config: Callable
) -> None:
    with opened() as client:
        assert client.get("/v1/services/x").status_code == 404
        make_key("suggest")
        time.sleep(1.1)
        assert client.get("/v1/services/x").status_code == 401
        keys_of(config()).path.unlink()
        time.sleep(1.1)
        assert client.get("/v1/services/x").status_code == 401


def test_a_damaged_key_file_opens_nothing(opened: Callable, make_key: Callable[..., str], config: Callable) -> None:
    key = make_key("suggest")
    with opened(SECURE) as client:
        keys_of(config()).path.write_text("{")
        time.sleep(1.1)
        assert client.get("/v1/services/x", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_key_signs_in_and_the_cookie_works_until_the_key_is_revoked(
    opened: Callable, make_key: Callable[..., str], config: Callable
) -> None:
    key = make_key("suggest")
    same_site = {"Sec-Fetch-Site": "same-origin"}
    with opened(SECURE) as client:
        answer = client.post("/sign-in", data={"key": key}, headers=same_site, follow_redirects=False)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-")
        for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
        assert key not in cookie
        assert client.get("/v1/services/x").status_code == 404
        assert client.post("/v1/concepts", json={"text": "x"}, headers=same_site).status_code == 200
        keys_of(config()).revoke(key.split("_")[1])
        time.sleep(1.1)
        assert client.get("/v1/services/x").status_code == 401


def test_a_session_ends_at_its_hour(opened: Callable, make_key: Callable[..., str]) -> None:
    key = make_key("suggest")
    with opened(SECURE, session_hours=0.0001) as client:
        answer = client.post("/sign-in", data={"key": key}, headers={"Sec-Fetch-Site": "same-origin"})
        cookie = answer.history[0].headers["set-cookie"].split(";")[0]
        time.sleep(1.4)  # 0.0001 h = 0.36 s, in whole seconds of the clock
        assert client.get("/v1/services/x", headers={"Cookie": cookie}).status_code == 401


def test_a_key_that_may_not_suggest_does_not_sign_in(opened: Callable, make_key: Callable[..., str]) -> None:
    with opened(SECURE) as client:
        answer = client.post("/sign-in", data={"key": make_key("admin")}, headers={"Sec-Fetch-Site": "same-origin"})
        assert "set-cookie" not in answer.headers


def test_someone_without_a_session_who_asks_for_the_page_is_led_to_sign_in(
    opened: Callable, make_key: Callable[..., str]
) -> None:
    make_key("suggest")
    with opened(SECURE) as client:
        answer = client.get("/", headers={"Accept": "text/html"}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert client.get("/v1/services/x", headers={"Accept": "text/html"}).status_code == 401


def test_the_key_file_is_private_and_holds_no_key(make_key: Callable[..., str], config: Callable) -> None:
    secret = make_key("suggest").split("_", 2)[2]
    path = keys_of(config()).path
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret not in path.read_text()
    assert len(secret) >= 43, "256 bits in base 64"


def test_no_secret_is_compared_with_an_equals_sign() -> None:
    for name in ("keys.py", "sessions.py"):
        tree = ast.parse((Path(service.__file__).parent / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                text = ast.unparse(node)
                assert not any(word in text for word in ("secret", "digest", "sha256", "sign")), f"{name}: {text}"
