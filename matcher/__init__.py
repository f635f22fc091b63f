"""Maps what matters to a person, from a social prescribing consultation, to ranked and explained community services."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcher.batch import recommend_all
    from matcher.catalogue import Catalogue, check_catalogue, read_catalogue, read_with_findings
    from matcher.consultations import read_consultation
    from matcher.data_files import SAMPLE_DATE, data_path
    from matcher.domain import Consultation, Recommendation, Service, Suggestion
    from matcher.engine import Engine
    from matcher.estimator import ServiceRanker, ndcg
    from matcher.evaluation import read_judgements
    from matcher.experiments import Inputs, evaluate, read_consultations
    from matcher.settings import Settings, read_settings
    from matcher.taxonomy import Taxonomy, read_taxonomy
    from matcher.tuning import tune, write_settings

_HOMES = {
    "Catalogue": "matcher.catalogue",
    "Consultation": "matcher.domain",
    "Engine": "matcher.engine",
    "Inputs": "matcher.experiments",
    "Recommendation": "matcher.domain",
    "SAMPLE_DATE": "matcher.data_files",
    "Service": "matcher.domain",
    "ServiceRanker": "matcher.estimator",
    "Settings": "matcher.settings",
    "Suggestion": "matcher.domain",
    "Taxonomy": "matcher.taxonomy",
    "check_catalogue": "matcher.catalogue",
    "data_path": "matcher.data_files",
    "evaluate": "matcher.experiments",
    "ndcg": "matcher.estimator",
    "read_catalogue": "matcher.catalogue",
    "read_consultation": "matcher.consultations",
    "read_consultations": "matcher.experiments",
    "read_judgements": "matcher.evaluation",
    "read_settings": "matcher.settings",
    "read_taxonomy": "matcher.taxonomy",
    "read_with_findings": "matcher.catalogue",
    "recommend_all": "matcher.batch",
    "tune": "matcher.tuning",
    "write_settings": "matcher.tuning",
}

__all__ = [
    "SAMPLE_DATE",
    "Catalogue",
    "Consultation",
    "Engine",
    "Inputs",
    "Recommendation",
    "Service",
    "ServiceRanker",
    "Settings",
    "Suggestion",
    "Taxonomy",
    "check_catalogue",
    "data_path",
    "evaluate",
    "load_engine",
    "ndcg",
    "read_catalogue",
    "read_consultation",
    "read_consultations",
    "read_judgements",
    "read_settings",
    "read_taxonomy",
    "read_with_findings",
    "recommend_all",
    "tune",
    "write_settings",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when first used: ``matcher --help`` must not wait for scikit-learn."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'matcher' has no attribute {name!r}")


def load_engine(
    *catalogues: Path | str,
    settings: Settings | Path | str | None = None,
    semantic: bool = True,
    decisions: Path | str | None = None,
) -> Engine:
    """An engine over directories (default: the sample town) with the packaged taxonomy.

    Args:
        catalogues: paths as :func:`read_catalogue` takes them, or one folder that ``matcher index`` made.
        settings: settings, or a TOML file of them; the defaults when left out.
        semantic: use the sentence encoder when the extra ``semantic`` is installed.
        decisions: a CSV of what curators confirmed (``matcher curate``); it outranks the guess.

    Raises:
        CatalogueError: a catalogue cannot be read, or an index was made with something else.
    """
    from matcher.adapter import read_adapter
    from matcher.catalogue import read_catalogue
    from matcher.data_files import sample_catalogue, taxonomy_folder
    from matcher.domain import CatalogueError
    from matcher.encoder import load_encoder
    from matcher.engine import Engine
    from matcher.settings import Settings, read_settings
    from matcher.snapshot import is_snapshot, open_snapshot
    from matcher.taxonomy import packaged_taxonomy

    taxonomy = packaged_taxonomy()
    chosen = settings if isinstance(settings, Settings) else read_settings(settings) if settings else Settings()
    encoder = load_encoder() if semantic else None
    adapter = read_adapter(taxonomy_folder() / "adapter.npz")
    if len(catalogues) == 1 and is_snapshot(catalogues[0]):
        if decisions:
            raise CatalogueError("decisions: are part of an index; give them to `matcher index`")
        return open_snapshot(Path(catalogues[0]), taxonomy, chosen, encoder, adapter)
    catalogue = read_catalogue(*(catalogues or (sample_catalogue(),)))
    decided = None
    if decisions:
        from matcher.curation import decided_rows

        decided = decided_rows(decisions, catalogue, taxonomy)
    return Engine.fit(catalogue, taxonomy, chosen, encoder, adapter, decided)
