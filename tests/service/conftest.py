"""One engine over the sample town for all tests of the service, and applications over it with and without keys."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import structlog
from starlette.testclient import TestClient

from matcher import Engine, load_engine
from service import logs
from service.app import create_app
from service.config import ServiceConfig, read_config
from service.run import keys_of

LOCAL = "http://127.0.0.1"
SECURE = "https://matcher.test"

Opened = AbstractContextManager[TestClient]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The sample town without the encoder: what the service answers with is tested elsewhere."""
    return load_engine(semantic=False)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ServiceConfig]:
    """Builds a config that keeps its files in the test's own folder and hears nothing of the environment."""
    for name in ("MATCHER_CONFIG", "MATCHER_CATALOGUE", "MATCHER_SETTINGS", "PROMETHEUS_MULTIPROC_DIR"):
        monkeypatch.delenv(name, raising=False)
    return lambda **given: read_config(**{"state": tmp_path / "state", "semantic": False, **given})


@pytest.fixture
def make_key(config: Callable[..., ServiceConfig]) -> Callable[..., str]:
    """Makes a key with these scopes; returns its text."""
    return lambda *scopes, days=None: keys_of(config()).make("test", scopes or ("suggest",), days)[1]


@pytest.fixture
def opened(config: Callable[..., ServiceConfig], engine: Engine) -> Callable[..., Opened]:
    """Opens an application over the shared engine: with keys when some were made before."""

    @contextmanager
    def open_app(base_url: str = LOCAL, **given: object) -> Iterator[TestClient]:
        app = create_app(config(**given), engine)
        with TestClient(app, base_url=base_url, raise_server_exceptions=False) as client:
            yield client

    return open_app


@pytest.fixture
def client(opened: Callable[..., Opened]) -> Iterator[TestClient]:
    """An application without keys, as on a worker's own machine."""
    with opened() as client:
        yield client


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What the service logs meanwhile."""
    stream = io.StringIO()
    before = structlog.get_config()
    logs.configure(stream)
    yield stream
    structlog.configure(**before)
