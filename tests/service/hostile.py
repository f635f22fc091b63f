"""Makes hostile requests out of good ones: a seeded mutator of raw bytes over every route, and where canaries leak."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator, Sequence

from tests.service.raw import Headers, Request

JSON: Headers = ((b"content-type", b"application/json"),)
FORM: Headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
TOKENS = (
    *(b"NaN", b"-Infinity", b"1e309", b"-1", b"9" * 400, b"9" * 5000, b"9223372036854775808", b"0.1e-400", b"1_000"),
    *(b"null", b"true", b'""', b"[]", b"{}", b"[", b"]", b"{", b"}", b'"', b",", b":", b"\\", b"[" * 3000),
    *(b"\\ud800", b"\\u0000", b"\\u202e", b"\xff", b"\xed\xa0\x80", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe{\x00}\x00"),
    *("٣".encode(), "👩‍👩‍👧".encode(), b"e" + "\u0301".encode() * 200, b"%s%n", b"{{7*7}}", b"${jndi:x}"),
    *(b"' OR 1=1 --", b"<script>", b"../../etc/passwd", b"\r\nSet-Cookie: a=b", b"a" * 5000, b'"note":"again",'),
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
QUERIES = (b"", b"?top=3", b"?top=0", b"?top=9" + b"9" * 400, b"?as_of=2026-11-01", b"?as_of=0001-01-01", b"?\xff=%ff")
WORD = "kanarie"
"""Part of every canary; letters that look the same in JSON and in a URL."""


def seeds(canary: str) -> list[Request]:
    """A good request to every kind of route, each with the canary among the person's words."""
    consultation = {
        "id": "case-1",
        "note": f"Lonely since {canary} went. No groups.",
        "needs": [{"label": f"company {canary}", "importance": 3}, "money"],
        "interests": ["singing", canary],
        "age": 70,
        "gender": "woman",
        "location": {"lat": 50.84, "lon": -0.47},
        "max_distance_km": 8,
        "max_cost": 0,
        "others": [{"relation": canary, "age": 4}],
        "availability": [{"day": "Mon", "from": "09:00", "to": "12:00"}],
        "modes": ["in_person"],
        "avoid": [canary],
    }
    bodies = {
        "/v1/suggestions": consultation,
        "/v1/suggestions/batch": {"consultations": [consultation, {"note": canary}]},
        "/v1/explanations": {"service_id": canary, "consultation": consultation},
        "/v1/concepts": {"text": f"lonely {canary}", "kinds": ["need"], "limit": 5},
        "/v1/outcomes": {"response_id": canary, "service_id": canary, "rank": 1, "status": "referred"},
    }
    posts = [Request("POST", path.encode(), JSON, dump(body), canary) for path, body in bodies.items()]
    form = f"note=Lonely+{canary}&need=company&interest=singing&age=70&postcode={canary}".encode()
    pages = [Request("POST", path, FORM, form, canary) for path in (b"/suggestions", b"/consultation", b"/sign-in")]
    gets = [f"/v1/services/{canary}", f"/{canary}", "/", "/health/ready", "/openapi.json", "/metrics", "/static/x.css"]
    return [*posts, *posts, *pages, *(Request("GET", path.encode(), (), b"", canary) for path in gets)]


def dump(document: object) -> bytes:
    """JSON as bytes."""
    return json.dumps(document, ensure_ascii=False).encode()


def mutated(count: int, seed: int) -> Iterator[Request]:
    """So many requests, each a good one with one to four things wrong; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    for number in range(count):
        request = dice.choice(seeds(f"{WORD}{number:06d}"))
        for _ in range(dice.randint(1, 4)):
            request = dice.choices(CHANGES, WEIGHTS)[0](request, dice)
        yield request


def _body(change: Callable[[bytearray, random.Random], None]) -> Callable[[Request, random.Random], Request]:
    def changed(request: Request, dice: random.Random) -> Request:
        body = bytearray(request.body or b" ")
        change(body, dice)
        return Request(request.method, request.target, request.headers, bytes(body), request.canary)

    return changed


def _insert(body: bytearray, dice: random.Random) -> None:
    place = dice.randrange(len(body) + 1)
    body[place:place] = dice.choice(TOKENS)


def _replace(body: bytearray, dice: random.Random) -> None:
    """A value or a name becomes a token."""
    marks = [i for i, byte in enumerate(body) if byte in b'":,[]{}&=']
    if len(marks) > 1:
        place = dice.randrange(len(marks) - 1)
        body[marks[place] + 1 : marks[place + 1]] = dice.choice(TOKENS)


def _cut(body: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(body) + 1)
    del body[start : start + dice.choice((1, 5, 1000))]


def _repeat(body: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(body) + 1)
    body[start:start] = body[start : start + 60] * dice.choice((1, 2, 30))


def _flip(body: bytearray, dice: random.Random) -> None:
    if body:
        body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)


def _header(request: Request, dice: random.Random) -> Request:
    word = request.canary.encode()
    header: tuple[bytes, bytes] = dice.choice(
        [
            (b"content-type", b"application/json; charset=utf-16"),
            (b"content-type", word),
            (b"content-type", b"multipart/form-data; boundary=" + word),
            (b"content-encoding", b"gzip"),
            (b"content-length", dice.choice((b"-1", b"x", b"99999999999", b"1_0", word))),
            (b"authorization", b"Bearer " + word + b"\xe9"),
            (b"cookie", b"__Host-matcher=" + word),
            (b"origin", b"https://" + word),
            (b"sec-fetch-site", dice.choice((b"cross-site", b"same-origin", word))),
            (b"accept", b"text/html, " + word),
            (b"user-agent", word + b"\r\n\x1b[31m"),
            (b"x-request-id", word),
            (b"host", word),
        ]
    )
    return Request(request.method, request.target, (*request.headers, header), request.body, request.canary)


def _target(request: Request, dice: random.Random) -> Request:
    target = dice.choice(
        (
            request.target + dice.choice(QUERIES),
            request.target + b"?note=" + request.canary.encode(),
            request.target + b"/" + request.canary.encode(),
            request.target.replace(b"v1", b"v1/%2e%2e"),
            b"/%ff%00" + request.target,
            b"//" + request.target,
        )
    )
    return Request(request.method, target, request.headers, request.body, request.canary)


def _method(request: Request, dice: random.Random) -> Request:
    return Request(dice.choice(METHODS), request.target, request.headers, request.body, request.canary)


CHANGES: Sequence[Callable[[Request, random.Random], Request]] = (
    *(_body(_insert), _body(_replace), _body(_cut), _body(_repeat), _body(_flip)),
    *(_header, _target, _method),
)
WEIGHTS = (4, 6, 2, 1, 2, 2, 2, 1)


def _needles() -> tuple[str, ...]:
    """The canary's word plainly, and as it looks in base 64 wherever in a text it stood."""
    encoded = []
    for shift in range(3):
        text = base64.b64encode(b"-" * shift + WORD.encode()).decode()
        encoded.append(text[-(-shift * 8 // 6) : (shift + len(WORD)) * 8 // 6])
    return (WORD, WORD[::-1], *encoded)


def leaks(text: str) -> bool:
    """Whether any canary stands in a text: plainly, in any case, for URLs or JSON, or in base 64."""
    folded = text.casefold()
    return NEEDLES[0] in folded or NEEDLES[1] in folded or any(needle in text for needle in NEEDLES[2:])


NEEDLES = _needles()
