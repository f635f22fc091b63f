"""The small taxonomy that curators name concepts of."""

from __future__ import annotations

import pytest

from matcher.taxonomy import Taxonomy
from tests.curated import CONCEPTS, LABELS, LINKS
from tests.factories import a_taxonomy


@pytest.fixture(scope="package")
def taxonomy(tmp_path_factory) -> Taxonomy:
    return a_taxonomy(tmp_path_factory.mktemp("t"), concepts=CONCEPTS, labels=LABELS, links=LINKS, lookalikes=())
