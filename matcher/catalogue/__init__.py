"""Outside feeds become a checked, columnar catalogue."""

from matcher.catalogue.checks import check_catalogue, completeness, completeness_scores
from matcher.catalogue.columns import Catalogue, build_catalogue
from matcher.catalogue.findings import CODES, Finding
from matcher.catalogue.reading import ReadCatalogue, read_catalogue, read_with_findings

__all__ = [
    "CODES",
    "Catalogue",
    "Finding",
    "ReadCatalogue",
    "build_catalogue",
    "check_catalogue",
    "completeness",
    "completeness_scores",
    "read_catalogue",
    "read_with_findings",
]
