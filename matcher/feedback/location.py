"""Where the store and its key are: in two places, so that whoever copies one folder has not got both."""

from __future__ import annotations

import os
from pathlib import Path

from matcher.feedback.database import open_database, sqlite_path
from matcher.feedback.request_key import read_key
from matcher.feedback.store import Store

STORE_VARIABLE = "MATCHER_STORE"
KEY_VARIABLE = "MATCHER_STORE_KEY"
STATE_VARIABLE = "MATCHER_STATE"


def open_store(url: str | None = None, key_file: Path | None = None, *, folder: Path | None = None) -> Store:
    """The store at an address (``MATCHER_STORE``), with the key in a file (``MATCHER_STORE_KEY``).

    By default an SQLite file ``outcomes.db`` in the service's state folder (``MATCHER_STATE``), and a key in the user's
    configuration folder.

    Args:
        url: the address, when it is not in the environment.
        key_file: the key's file, when it is not in the environment.
        folder: where the SQLite file is when no address is given.

    Raises:
        StoreError: the address or the key is not usable.
    """
    named = key_file or os.environ.get(KEY_VARIABLE) or _folder("XDG_CONFIG_HOME", ".config") / "store.key"
    return Store(_address(url, folder), read_key(Path(named)))


def store_exists(url: str | None = None, *, folder: Path | None = None) -> bool:
    """Whether there is a store at this address already; a server's is taken to be there.

    Raises:
        StoreError: the address is not usable.
    """
    path = sqlite_path(open_database(_address(url, folder)))
    return path is None or path.exists()


def _address(url: str | None, folder: Path | None) -> str:
    state = folder or os.environ.get(STATE_VARIABLE) or _folder("XDG_STATE_HOME", ".local/state")
    return url or os.environ.get(STORE_VARIABLE) or f"sqlite:///{Path(state) / 'outcomes.db'}"


def _folder(variable: str, otherwise: str) -> Path:
    home = os.environ.get(variable)
    return (Path(home) if home else Path.home() / otherwise) / "service-matcher"
