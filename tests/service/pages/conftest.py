"""A town of a few services whose right answers are plain, behind the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from starlette.testclient import TestClient

from matcher import Engine
from matcher.domain import Point, Service
from matcher.taxonomy import Taxonomy
from service.app import create_app
from service.config import ServiceConfig
from tests.factories import AS_OF, a_catalogue, a_service, a_session

HOME = Point(53.5, -2.5)
TOWN = (
    a_service(
        id="choir",
        name="Mill Hall Singers",
        description="A choir for people who think that they cannot sing. Tea afterwards.",
        phones=("01632 960001",),
        referral="Self-referral: people can contact the service themselves.",
        sessions=(a_session(),),
        place=Point(53.51, -2.5),
        place_name="Mill Hall",
        modes=("in_person",),
        cost=2.0,
        fees="",
    ),
    a_service(
        id="walk",
        name="Canal Walkers",
        description="A gentle walking group along the canal for company and fresh air.",
        categories=("Walking",),
        place=Point(53.5, -2.47),
        place_name="Lock Cottage",
        sessions=(a_session(day=3),),
        modes=("in_person",),
    ),
    a_service(
        id="phone",
        name="Friendly Voices",
        description="A weekly phone call: telephone befriending for lonely people.",
        categories=("Befriending",),
        modes=("phone", "in_person"),
        phones=("01632 960002",),
    ),
    a_service(
        id="refuge",
        name="Harbour Women’s Refuge",
        description="Refuge and outreach for women and children who flee domestic abuse.",
        categories=("Domestic abuse",),
        modes=("in_person",),
    ),
    a_service(id="old", name="Closed Choir", description="A choir.", status="defunct"),
)
UNSAFE_NOTE = "Lonely, likes singing and walking. Domestic abuse, he checks her phone. Do NOT ring, text or write."

Served = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture(scope="session")
def fitted(shipped_taxonomy: Taxonomy) -> Callable[..., Engine]:
    """An engine over these services, without the encoder."""
    return lambda *services: Engine.fit(a_catalogue(*services), shipped_taxonomy)


@pytest.fixture(scope="session")
def town_engine(fitted: Callable[..., Engine]) -> Engine:
    return fitted(*TOWN)


@pytest.fixture
def served(config: Callable[..., ServiceConfig]) -> Served:
    """Opens the page over an engine."""

    @contextmanager
    def open_page(engine: Engine, **given: object) -> Iterator[TestClient]:
        with TestClient(create_app(config(as_of=AS_OF, **given), engine), base_url="http://127.0.0.1") as client:
            yield client

    return open_page


@pytest.fixture
def town(served: Served, town_engine: Engine) -> Iterator[TestClient]:
    """The page over the small town."""
    with served(town_engine) as client:
        yield client


def hostile_service(payload: str) -> Service:
    """A choir all of whose texts hold a payload."""
    return a_service(
        id=f"bad{payload}",
        name=f"Choir {payload}",
        description=f"Singing choir {payload}",
        organization=payload,
        url=payload,
        email=payload,
        phones=(payload,),
        fees=payload,
        referral=payload,
        eligibility=payload,
        place_name=payload,
        postcode=payload,
        place=Point(53.51, -2.5),
    )
