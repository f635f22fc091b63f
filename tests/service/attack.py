"""Runs hostile requests against an application and says everything that is wrong with its answers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from service.schemas import ProblemOut
from tests.service.hostile import leaks, mutated
from tests.service.raw import Answer, Request, ask_all

SLOWEST_S = 2.0
PROBLEM = Draft202012Validator(ProblemOut.model_json_schema())
Answers = list[tuple[Request, Answer]]


def run(app: Any, count: int, seed: int) -> Answers:
    """The answers to so many mutated requests."""
    return ask_all(app, mutated(count, seed))


def faults(answers: Answers, log: str, metrics: str) -> list[str]:
    """Everything that is wrong with a run: errors of ours, slowness, and canaries outside a good answer."""
    found = [fault for request, answer in answers for fault in _faults_of(request, answer)]
    found += ["a canary is in the log"] if leaks(log) else []
    found += ["a canary is in the metrics"] if leaks(metrics) else []
    return found


def _faults_of(request: Request, answer: Answer) -> list[str]:
    where = f"{request.method} {request.target!r} {request.headers!r} {request.body[:300]!r} -> {answer.status}"
    heads = " ".join(f"{name.decode()}: {value.decode('latin-1')}" for name, value in answer.headers)
    found = []
    if answer.status >= 500 and answer.status != 503:
        found.append(f"{where}: an error on our side")
    if answer.seconds > SLOWEST_S:
        found.append(f"{where}: took {answer.seconds:.1f} s")
    if "problem+json" in heads and request.method != "HEAD" and not _is_problem(answer.body):
        found.append(f"{where}: not a problem document")
    if leaks(heads) or ("problem+json" in heads and leaks(answer.body.decode())):
        found.append(f"{where}: a canary is in the error")
    return found


def _is_problem(body: bytes) -> bool:
    try:
        PROBLEM.validate(json.loads(body))
    except (ValueError, ValidationError):
        return False
    return True


def assert_a_fair_mix(answers: Answers, count: int) -> None:
    """The validity floor: the requests reached the engine often enough, and were refused in many ways."""
    statuses = Counter(answer.status for _, answer in answers)
    assert len(answers) == count
    assert statuses[200] >= 0.1 * count, statuses
    assert len([status for status, times in statuses.items() if times >= 5]) >= 6, statuses
