"""The secret that digests are keyed with. It lies in a file of its own, apart from the store."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from matcher.feedback.errors import StoreError

KEY_BYTES = 32
_OTHERS = 0o077


def read_key(path: Path) -> bytes:
    """The key in a file (64 hex digits); the file is made, for its owner's eyes only, when there is none.

    Raises:
        StoreError: the file cannot be read or made, holds something else, or others may read it.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & _OTHERS:
            raise StoreError(f"{path.name}: others may read this key; run chmod 600 on it")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise StoreError(f"{path.name}: the key cannot be read or made ({error.strerror})") from None
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path.name}: must hold {2 * KEY_BYTES} hex digits; restore it, digests depend on it")
    return key


def _make(path: Path) -> None:
    """Write a new key whole or not at all; of two processes that do so at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        temporary.unlink()
