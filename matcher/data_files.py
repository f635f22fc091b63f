"""Finds the packaged data: in a checkout beside the package, in a wheel inside it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

SAMPLE_DATE = date(2026, 11, 1)
"""The sample town's own "today", so that its demonstration does not go stale."""

_PACKAGE = Path(__file__).parent
_CANDIDATES = (_PACKAGE / "_data", _PACKAGE.parent / "data")


def data_path(*parts: str) -> Path:
    """The path of a packaged data file or folder.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for folder in _CANDIDATES:
        path = folder.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"the packaged data file {'/'.join(parts)} is missing; reinstall service-matcher")


def sample_catalogue() -> Path:
    """The sample town's directory."""
    return data_path("sample", "services.json")


def taxonomy_folder() -> Path:
    """The taxonomy's folder."""
    return data_path("taxonomy")


def safety_folder() -> Path:
    """The safety screen's words, spellings and patterns."""
    return data_path("safety")


def cache_folder() -> Path:
    """Where is kept what costs only time to make anew: ``$MATCHER_CACHE``, else the user's cache folder."""
    if own := os.environ.get("MATCHER_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "service-matcher"
