"""An engine over a few services, to make real answers with."""

from __future__ import annotations

import pytest

from matcher import Engine
from matcher.domain import Point
from matcher.taxonomy import Taxonomy
from tests.factories import a_catalogue, a_service


@pytest.fixture(scope="session")
def engine(shipped_taxonomy: Taxonomy) -> Engine:
    services = [
        a_service(),
        a_service(
            id="svc-walk", name="Steady Strollers", description="A gentle walk in company.", categories=("Walking",)
        ),
        a_service(id="svc-debt", name="Wending Money Advice", description="Help with debts.", place=Point(53.6, -2.4)),
    ]
    return Engine.fit(a_catalogue(*services), shipped_taxonomy)
