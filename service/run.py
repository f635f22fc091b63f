"""Starts the service: the rule about where to listen, the address, the workers, a quiet stop."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE

from matcher.domain import MatcherError, SettingsError
from service.app import create_app
from service.config import LOOPBACK, ServiceConfig
from service.keys import KeyFile
from service.logs import configure
from service.metrics import MULTIPROCESS_VARIABLE
from service.protocol import WatchedProtocol
from service.supervising import Supervisor, end_with_parent
from service.workers import FOLDER_VARIABLE, LOOK_S, Workers

CONFIG_JSON = "MATCHER_SERVE_CONFIG"
"""Hands the whole config from the parent to its workers."""
START_S = 300
"""How long a worker may take to start, or to answer its parent."""
BACKLOG = 2048
"""Connections that may wait to be taken."""
MOST_HEAD_BYTES = 32_768
"""Longest request line with headers."""


def serve(config: ServiceConfig, say: Callable[[str], None]) -> None:
    """Answer until told to stop.

    Args:
        config: the service's settings.
        say: told the address once it is open.

    Raises:
        SettingsError: without a key, the service would be open to others than this machine.
        MatcherError: no catalogue can be served, or the address is taken.
    """
    check_bind(config)
    with _listening(config) as listener:
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        run = _alone if config.workers == 1 else _together
        run(config, listener, lambda: say(address))


def check_bind(config: ServiceConfig) -> None:
    """Refuse to be open to others than this machine without a key. Raises SettingsError."""
    if not is_loopback(config.host) and not any(not key.revoked for key in keys_of(config).read()):
        raise SettingsError(
            f"host: {config.host} is not this machine alone; make a key first: `matcher keys make NAME --scope suggest`"
        )


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is this machine alone."""
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host in LOOPBACK


def keys_of(config: ServiceConfig) -> KeyFile:
    """The service's key file."""
    return KeyFile(config.state / "keys.json")


def worker_app() -> FastAPI:
    """The application of one of several workers, from the config that the parent handed over."""
    config = ServiceConfig.model_validate_json(os.environ[CONFIG_JSON])
    end_with_parent()
    _prepare(config)
    return create_app(config)


def _prepare(config: ServiceConfig) -> None:
    configure()
    WatchedProtocol.header_timeout_s = config.header_timeout_s
    WatchedProtocol.write_timeout_s = config.body_timeout_s


def _alone(config: ServiceConfig, listener: socket.socket, opened: Callable[[], None]) -> None:
    """One process: the catalogue is read first, so that a fault in it is told like any other."""
    _prepare(config)
    app = create_app(config)
    app.state.loader.start()
    app.state.load_at_start = False
    listener.listen(BACKLOG)
    opened()
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises again, after its quiet stop, what it was sent
        signal.signal(number, signal.SIG_IGN)
    uvicorn.Server(_uvicorn(config, app)).run([listener])


def _together(config: ServiceConfig, listener: socket.socket, opened: Callable[[], None]) -> None:
    """Several processes that share the socket; one that dies is replaced."""
    os.environ[CONFIG_JSON] = config.model_dump_json()
    with tempfile.TemporaryDirectory(prefix="matcher-") as folder:
        os.environ[FOLDER_VARIABLE] = str(_made(Path(folder) / "workers"))
        os.environ[MULTIPROCESS_VARIABLE] = str(_made(Path(folder) / "metrics"))
        Thread(target=_when_all_serve, args=(config.workers, opened), daemon=True).start()
        supervisor = Supervisor(_uvicorn(config, f"{__name__}:worker_app"), [listener])
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise MatcherError("a worker could not start; its reason is above")


def _when_all_serve(count: int, opened: Callable[[], None]) -> None:
    while Workers.of_this_run().serving() < count:
        time.sleep(LOOK_S)
    opened()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _uvicorn(config: ServiceConfig, app: FastAPI | str) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=config.workers,
        http=WatchedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=config.drain_s,
        timeout_worker_healthcheck=START_S,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
    )


@contextlib.contextmanager
def _listening(config: ServiceConfig) -> Iterator[socket.socket]:
    """A socket that listens. Raises MatcherError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, every answer waits 40 ms
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.host, config.port))
        except OSError as error:
            raise MatcherError(f"cannot listen on {config.host} port {config.port}: {error.strerror}") from None
        listener.set_inheritable(True)
        yield listener
