"""What curators confirmed is part of what is served: taken, refused and kept together with the catalogue."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from matcher import read_catalogue
from matcher.curation import content_hash
from matcher.curation.decisions import COLUMNS
from matcher.domain import InputError
from service.app import create_app
from tests.factories import a_feed_service, write_json

LONG_AGO = (1, 1)
"""So that nobody can still be writing the file."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = write_json(tmp_path / "services.json", [a_feed_service(name="Number Nine", description="All welcome.")])
    os.utime(path, LONG_AGO)
    return path


def decide(source: Path, main: str) -> Path:
    """Decisions that say what the one service of a catalogue is."""
    (service,) = read_catalogue(source)
    path = source.with_name("decisions.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, [service.id, service.name, content_hash(service), main, "", "", "", ""]])
    os.utime(path, LONG_AGO)
    return path


def test_decisions_are_served_and_a_reload_takes_new_ones_and_refuses_bad_ones(source: Path, config: Callable) -> None:
    settings = config(catalogue=(source,), decisions=decide(source, "board_games"))
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:

        def first_reason(need: str) -> str:
            answer = client.post("/v1/suggestions", json={"needs": [{"label": need}]}).json()
            return str([reason["text"] for s in answer["suggestions"] for reason in s["reasons"]])

        served = client.get("/health/ready").json()["catalogue"]
        assert served != read_catalogue(source).version
        assert "chess" in first_reason("chess")
        assert client.post("/v1/catalogue/reload", json={}).json()["result"] == "unchanged"

        decide(source, "debt")
        taken = client.post("/v1/catalogue/reload", json={"accept_shrink": True}).json()
        assert (taken["result"], taken["catalogue"] != served) == ("taken", True)
        assert "debt" in first_reason("debts")

        decide(source, "no such concept")
        refused = client.post("/v1/catalogue/reload", json={})
        assert refused.status_code == 422
        assert "decisions.csv line 2: main: 'no such concept' is no concept" in refused.json()["detail"]
        assert client.get("/health/ready").json()["catalogue"] == taken["catalogue"]


def test_a_service_does_not_start_over_decisions_that_cannot_be_read(source: Path, config: Callable) -> None:
    app = create_app(config(catalogue=(source,), decisions=decide(source, "no such concept")))
    with pytest.raises(InputError, match=r"decisions\.csv line 2"), TestClient(app):
        pass
