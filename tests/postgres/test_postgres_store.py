"""The store on PostgreSQL: the common spec."""

from __future__ import annotations

import pytest

from tests.matcher.feedback.spec import StoreSpec

pytestmark = pytest.mark.postgres


class TestOnPostgresql(StoreSpec):
    @pytest.fixture
    def url(self, url: str) -> str:
        return url
