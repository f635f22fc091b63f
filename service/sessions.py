"""Sign-ins on the page: a key exchanged for a signed cookie. The server keeps nothing but its secret.

The cookie names the key and the end of the session; each request looks the key up again, so that revoking a key ends
its sessions too. ``__Host-`` makes browsers insist on TLS, on this host and on the whole path.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from starlette.responses import Response

from service.keys import Key, KeyRing, write_private

COOKIE = "__Host-matcher"
LONGEST_COOKIE = 300
SECRET_BYTES = 32


class Sessions:
    """Opens, reads and closes sessions for the keys of one ring."""

    def __init__(self, ring: KeyRing, secret_file: Path, hours: float) -> None:
        self._ring = ring
        self._secret_file = secret_file
        self._seconds = hours * 3600

    @cached_property
    def _secret(self) -> bytes:
        return session_secret(self._secret_file)

    def open(self, response: Response, key_text: str) -> Key | None:
        """Exchange a key for the cookie; ``None`` and no cookie when the key is not good or may not suggest."""
        key = self._ring.holder(key_text)
        if key is None or "suggest" not in key.scopes:
            return None
        value = f"{key.id}.{int(time.time() + self._seconds)}.{secrets.token_hex(8)}"
        response.set_cookie(
            COOKIE,
            f"{value}.{self._sign(value)}",
            max_age=int(self._seconds),
            path="/",
            secure=True,
            httponly=True,
            samesite="strict",
        )
        return key

    def close(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")

    def holder(self, cookie: str) -> Key | None:
        """The good key a cookie stands for, or ``None``."""
        value, _, signature = cookie[:LONGEST_COOKIE].rpartition(".")
        if not hmac.compare_digest(self._sign(value).encode(), signature.encode(errors="replace")):
            return None
        key_id, ends, _ = value.split(".")
        return self._ring.by_id(key_id) if time.time() < int(ends) else None

    def _sign(self, value: str) -> str:
        return hmac.new(self._secret, value.encode(errors="replace"), hashlib.sha256).hexdigest()


def session_secret(path: Path) -> bytes:
    """The server's own secret, made when first asked for; workers that make it at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mine = path.with_name(f"{path.name}.{os.getpid()}")
        write_private(mine, secrets.token_bytes(SECRET_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(mine)
        mine.unlink()
    return path.read_bytes()
