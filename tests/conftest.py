"""What every test may use. Property tests are repeatable: a failure on one machine is a failure on all."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from matcher.data_files import taxonomy_folder
from matcher.taxonomy import Taxonomy, read_taxonomy

settings.register_profile(
    "suite", max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "long", max_examples=5000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(scope="session")
def shipped_taxonomy() -> Taxonomy:
    """The taxonomy that comes with the package; reading it takes a second."""
    return read_taxonomy(taxonomy_folder())
