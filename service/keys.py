"""API keys: made once, shown once, kept as SHA-256 digests in one file that only its owner may read.

A key is ``smk_ID_SECRET``: the id finds the entry, the secret (256 random bits) proves it. A fast digest is right for
such a secret; a slow one is for passwords that people choose.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from pathlib import Path

from matcher.domain import InputError, MatcherError

SCOPES = ("suggest", "outcome", "admin")
PREFIX = "smk"
LONGEST_KEY = 200
LOOK_AGAIN_S = 1.0
"""How long a revoked key may still work."""
_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the key file. Times are UTC in ISO 8601; empty ``expires`` means never."""

    id: str
    name: str
    scopes: tuple[str, ...]
    sha256: str
    made: str
    expires: str = ""
    revoked: str = ""

    def is_good(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return not self.revoked and not (self.expires and datetime.fromisoformat(self.expires) <= now)


class KeyFile:
    """The file of keys, for the commands that change it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Key, ...]:
        """All entries. Raises MatcherError when the file is there but is not a key file."""
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            return tuple(Key(**{**entry, "scopes": tuple(entry["scopes"])}) for entry in document["keys"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError):
            raise MatcherError(f"{self.path.name}: not a readable key file; restore it or move it away") from None

    def make(self, name: str, scopes: Iterable[str], days: float | None = None) -> tuple[Key, str]:
        """A new key and its text, which is kept nowhere.

        Raises:
            InputError: a scope is unknown or the name is empty.
        """
        chosen = tuple(scope for scope in SCOPES if scope in (given := set(scopes)))
        if not chosen or given - set(SCOPES):
            raise InputError(f"scope: must be one or more of {', '.join(SCOPES)}")
        if not name.strip():
            raise InputError("name: say what the key is for")
        now = datetime.now(UTC)
        expires = (now + timedelta(days=days)).isoformat(timespec="seconds") if days is not None else ""
        key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        key = Key(key_id, name.strip(), chosen, _digest(secret), now.isoformat(timespec="seconds"), expires)
        with self._locked():
            self._write((*self.read(), key))
        return key, f"{PREFIX}_{key_id}_{secret}"

    def revoke(self, key_id: str) -> Key:
        """Make a key worthless; its entry stays. Raises InputError when there is no such key."""
        with self._locked():
            keys = self.read()
            found = next((key for key in keys if key.id == key_id), None)
            if found is None:
                raise InputError("there is no key with this id; `matcher keys list` shows them")
            revoked = replace(found, revoked=found.revoked or datetime.now(UTC).isoformat(timespec="seconds"))
            self._write(tuple(revoked if key is found else key for key in keys))
        return revoked

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One change at a time, also between processes."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, keys: Iterable[Key]) -> None:
        document = json.dumps({"keys": [asdict(key) for key in keys]}, indent=1)
        write_private(self.path, document.encode())


class KeyRing:
    """The keys as the service looks them up; a changed file is seen within a second."""

    def __init__(self, file: KeyFile) -> None:
        self._file = file
        self._keys: Mapping[str, Key] = {key.id: key for key in file.read()}
        self._seen = self._mark()
        self._looked = time.monotonic()

    def __len__(self) -> int:
        self._look_again()
        return len(self._keys)

    def holder(self, text: str) -> Key | None:
        """The good key that this text is, or ``None``. Takes as long for an unknown id as for a wrong secret."""
        self._look_again()
        prefix, _, rest = text[:LONGEST_KEY].partition("_")
        key_id, _, secret = rest.partition("_")
        key = self._keys.get(key_id)
        digest = _digest(secret)
        same = compare_digest(digest.encode(), (key.sha256 if key else _NOBODY).encode())
        return key if key and same and prefix == PREFIX and key.is_good(datetime.now(UTC)) else None

    def by_id(self, key_id: str) -> Key | None:
        """The good key with this id: for sessions that were opened with it."""
        self._look_again()
        key = self._keys.get(key_id)
        return key if key and key.is_good(datetime.now(UTC)) else None

    def _look_again(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN_S:
            return
        self._looked = now
        mark = self._mark()
        if mark != self._seen:
            self._seen = mark
            try:
                self._keys = {key.id: key for key in self._file.read()}
            except MatcherError:
                self._keys = {}  # an unreadable file opens nothing

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            status = self._file.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner only, safely on disk before it has its name."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    handle = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
