"""Chromium before a running service. Debian's own browser, and nothing that leaves this machine."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from matcher import Engine, load_engine
from service.app import create_app
from service.config import read_config
from tests.factories import AS_OF

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
HERE = Path(__file__).parent
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@contextmanager
def serving(engine: Engine, state: Path) -> Iterator[str]:
    """The service over this engine on a free port, from a thread; gives its address."""
    config = read_config(state=state, as_of=AS_OF, rate_per_minute=100_000, semantic=False)
    app = create_app(config, engine)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the sample town is served."""
    with serving(load_engine(semantic=False), tmp_path_factory.mktemp("state")) as at:
        yield at


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "chromium is missing: apt-get install -y chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about; a page with an expected fault may clear it."""
    return []


@pytest.fixture
def open_page(chromium: Browser, address: str, complaints: list[str]) -> Iterator[Open]:
    """Opens the page in a fresh browser profile, collecting every complaint."""
    contexts: list[BrowserContext] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def open_it(width: int = 1280, height: int = 900, *, scripts: bool = True) -> Page:
        viewport = {"width": width, "height": height}
        contexts.append(chromium.new_context(viewport=viewport, java_script_enabled=scripts, base_url=address))
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        return page

    yield open_it
    for context in contexts:
        context.close()
