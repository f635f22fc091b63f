"""Twenty thousand mutated requests over every route: no error of ours, no hang, no word let out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from matcher import load_engine
from service import logs
from service.app import create_app
from service.config import read_config
from tests.service.attack import assert_a_fair_mix, faults, run

pytestmark = pytest.mark.reliability
COUNT = 20_000


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    config = read_config(state=tmp_path, rate_per_minute=100_000_000, semantic=False)
    with TestClient(create_app(config, load_engine(semantic=False)), base_url="http://127.0.0.1") as client:
        yield client


def test_twenty_thousand_mutated_requests_give_no_error_of_ours_and_let_nothing_out(client: TestClient) -> None:
    stream = io.StringIO()
    logs.configure(stream)
    answers = run(client.app, COUNT, seed=20_000)
    assert faults(answers, stream.getvalue(), client.app.state.metrics.exposition().decode())[:10] == []
    assert stream.getvalue().count("\n") >= COUNT, "every request leaves a line"
    assert_a_fair_mix(answers, COUNT)
