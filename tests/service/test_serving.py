"""The real server on a real socket: where it may listen, slow clients, and a quiet stop."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matcher.cli import app as cli
from matcher.domain import SettingsError
from service.config import read_config
from service.run import check_bind, is_loopback, keys_of

PATIENCE_S = 1
EVERYWHERE = "0.0.0.0"  # noqa: S104  to see it refused
NOTE = b'{"note":"Lonely since she moved"}'
READY = b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_alone_needs_no_key(config: Callable, host: str) -> None:
    check_bind(config(host=host))


@pytest.mark.parametrize(
    "host", [EVERYWHERE, "::", "192.168.1.4", "10.0.0.1", "example.org", "127.0.0.1.evil.example", ""]
)
def test_others_may_reach_the_service_only_with_a_key(config: Callable, make_key: Callable, host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(SettingsError, match="matcher keys make"):
        check_bind(config(host=host))
    key = make_key("suggest")
    check_bind(config(host=host))
    keys_of(config()).revoke(key.split("_")[1])
    with pytest.raises(SettingsError):
        check_bind(config(host=host))


def test_the_command_refuses_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_STATE", str(tmp_path))
    result = CliRunner().invoke(cli, ["serve", "--host", EVERYWHERE, "--no-semantic"])
    assert result.exit_code == 1
    assert result.output.startswith("matcher: host: 0.0.0.0 is not this machine alone")
    assert result.output.count("\n") == 1


def test_a_port_that_is_taken_is_one_line(config: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MATCHER_STATE", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = CliRunner().invoke(cli, ["serve", "--port", str(taken.getsockname()[1]), "--no-semantic"])
    assert result.exit_code == 1
    assert "cannot listen on 127.0.0.1" in result.output


def test_settings_come_from_arguments_then_environment_then_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "service.toml"
    file.write_text('port = 1\nworkers = 2\nhost = "127.0.0.3"\n')
    monkeypatch.setenv("MATCHER_CONFIG", str(file))
    monkeypatch.setenv("MATCHER_WORKERS", "3")
    config = read_config(host="127.0.0.4", port=None)
    assert (config.port, config.workers, config.host) == (1, 3, "127.0.0.4")


def test_lists_in_the_environment_are_by_colon_and_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_CATALOGUE", os.pathsep.join(("a.json", "b.json")))
    monkeypatch.setenv("MATCHER_ALLOWED_HOSTS", "one.test,two.test")
    config = read_config()
    assert config.catalogue == (Path("a.json"), Path("b.json"))
    assert config.allowed_hosts == ("one.test", "two.test")


@pytest.mark.parametrize("content", ["colour = 1", "port = 70000", "port = ", "workers = 'x'"])
def test_a_setting_that_is_wrong_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    file = tmp_path / "service.toml"
    file.write_text(content)
    monkeypatch.setenv("MATCHER_CONFIG", str(file))
    with pytest.raises(SettingsError):
        read_config()


@contextlib.contextmanager
def running(state: Path, *arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server of its own on a free port; ends it by its process id."""
    variables = {**os.environ, "MATCHER_STATE": str(state), **environment}
    command = [sys.executable, "-m", "matcher.cli", "serve", "--port", "0", "--no-semantic", *arguments]
    log = (state.parent / "server.log").open("w+")
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = process.stdout.readline()
        yield process, int(re.search(r":(\d+)$", line.strip())[1])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        process.stdout.close()
        log.close()


def head(length: int, path: str = "/v1/suggestions") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def ask(port: int, content: bytes) -> bytes:
    """Everything that comes back until the server closes or has answered."""
    with connect(port) as client:
        client.sendall(content)
        return client.recv(65_536)


def closed_after(client: socket.socket) -> float:
    """Seconds until the server closes this connection, whatever it says before."""
    started = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while client.recv(65_536):
            pass
    return time.monotonic() - started


MALFORMED = (
    b"POST /v1/suggestions HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}",
    head(2).replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    b"\x16\x03\x01 not HTTP\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /" + b"a" * 400_000,
)
"""Two lengths, a length beside chunks, no HTTP, no host, a head that does not end."""


def test_a_real_server_answers_is_patient_only_so_long_and_stops_quietly(tmp_path: Path) -> None:
    """One server for all that needs a socket: it takes seconds to start."""
    patience = {"MATCHER_HEADER_TIMEOUT_S": str(PATIENCE_S), "MATCHER_BODY_TIMEOUT_S": str(PATIENCE_S)}
    patience["MATCHER_NOTICE_S"] = "3"
    with running(tmp_path / "state", **patience) as (process, port):
        assert ask(port, head(len(NOTE)) + NOTE).startswith(b"HTTP/1.1 200")
        assert b"server:" not in ask(port, head(len(NOTE)) + NOTE).split(b"\r\n\r\n")[0].lower()

        with connect(port) as silent, connect(port) as headless, connect(port) as bodiless:
            headless.sendall(b"POST /v1/suggestions HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
            bodiless.sendall(head(1000) + b'{"note":')
            waits = [closed_after(client) for client in (silent, headless, bodiless)]
        assert max(waits) < PATIENCE_S + 5

        for bad in MALFORMED:
            assert ask(port, bad)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431"), bad[:60]

        too_long = ask(port, head(5_000_000) + b"x" * 1000)
        assert too_long.startswith(b"HTTP/1.1 413")
        assert ask(port, head(len(NOTE)) + NOTE).startswith(b"HTTP/1.1 200")

        process.send_signal(signal.SIGTERM)
        ends = time.monotonic() + 5
        while not ask(port, READY).startswith(b"HTTP/1.1 503"):
            assert time.monotonic() < ends
        last = ask(port, head(len(NOTE)) + NOTE)
        assert last.startswith(b"HTTP/1.1 200"), "not ready, but still there for those who do not know yet"
        assert b"connection: close" in last.split(b"\r\n\r\n")[0].lower()
        assert process.wait(15) == 0
    lines = (tmp_path / "server.log").read_text().splitlines()
    assert len(lines) > 5
    for line in lines:
        json.loads(line)
