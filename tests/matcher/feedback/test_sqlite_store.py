"""The store on SQLite: the common spec, and what its files hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.matcher.feedback.spec import StoreSpec


class TestOnSqlite(StoreSpec):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'outcomes.db'}"
