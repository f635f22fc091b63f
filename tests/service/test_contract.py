"""The API keeps what its description says: generated cases against every operation."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from service.app import routes_of
from service.openapi import OPERATIONS
from service.problems import MEDIA_TYPE
