"""One PostgreSQL server for these tests, and an empty database for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest

from tests.postgres.server import Server, programs

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        pytest.fail("the package postgresql is missing: apt-get install -y postgresql", pytrace=False)
    server = Server(found)
    server.start()
    yield server
    server.close()


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """The address of an empty database."""
    name = f"outcomes_{next(_NUMBERS)}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.url(name)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
