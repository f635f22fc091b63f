"""The matcher as a scikit-learn estimator whose rows are consultations, for its tools: grid search, cross-validation.

>>> ranker = ServiceRanker(semantic=False).set_params(ranking__lexical=0.3)
>>> GridSearchCV(ranker, {"ranking__lexical": [0.1, 0.3]}, cv=5).fit(consultations, judgements)
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from matcher.adapter import read_adapter
from matcher.catalogue import Catalogue, read_catalogue
from matcher.consultations import read_consultation
from matcher.data_files import SAMPLE_DATE, sample_catalogue, taxonomy_folder
from matcher.domain import Consultation, InputError, ServiceId, SettingsError
from matcher.encoder import load_encoder
from matcher.engine import Engine
from matcher.evaluation.judgements import GAINS
from matcher.offers import Decision, fingerprint_of
from matcher.scorers.tags import TagScorer
from matcher.settings import Settings
from matcher.taxonomy import packaged_taxonomy

DEPTH = 10
KEPT_ENGINES = 3
LATE = {"ranking", "top", "provenance", "eligibility", "understanding", "profile", "weights"}
"""Settings read when a consultation is answered: an engine fitted with other values of them can be used again."""

_FITTED: OrderedDict[tuple[str, str, bool, str], Engine] = OrderedDict()


class ServiceRanker(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Ranks the services of one directory for consultations.

    Every number of :class:`matcher.Settings` is a parameter by its dotted path (``ranking__lexical`` or
    ``ranking.lexical``), beside the ones below.

    Args:
        settings: where to start from; the shipped defaults when left out.
        catalogue: a :class:`matcher.Catalogue`, or one path or several; the sample town when left out.
        top: how many services :meth:`predict` returns for each consultation.
        as_of: the day to answer for; needed with a catalogue of your own.
        semantic: use the sentence encoder when it is installed.

    Attributes:
        engine_: the fitted engine.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        catalogue: Catalogue | Path | str | Sequence[Path | str] | None = None,
        top: int = DEPTH,
        as_of: date | None = None,
        semantic: bool = True,
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.top = top
        self.as_of = as_of
        self.semantic = semantic

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; ``deep`` adds every setting."""
        own: dict[str, Any] = super().get_params(deep=False)
        if deep:
            values = (self.settings or Settings()).model_dump(exclude={"top", "provenance", "weights"})
            own |= {name: value for name, value in _leaves(values) if name not in own}
        return own

    def set_params(self, **params: Any) -> Self:
        """Set parameters; settings by their dotted path, on top of ``settings`` when both are given.

        Raises:
            ValueError: a name does not exist or a value is out of range (scikit-learn's rule).
        """
        own = {name: params.pop(name) for name in self._get_param_names() if name in params}
        super().set_params(**own)
        if params:
            try:
                changes = {name.replace(".", "__"): value for name, value in params.items()}
                self.settings = (self.settings or Settings()).changed(**changes)
            except SettingsError as error:
                raise ValueError(f"invalid parameter of ServiceRanker: {error}") from None
        return self

    def fit(self, X: Sequence[Consultation | Mapping[str, Any]] | None = None, y: object = None) -> Self:  # noqa: N803
        """Read the directory. Nothing is learnt from ``X`` and ``y``; the settings are what a search varies.

        Raises:
            ValueError: ``as_of`` is missing.
            MatcherError: the catalogue cannot be read.
        """
        if self.as_of is None and self.catalogue is not None:
            raise ValueError("as_of: give the day to answer for, such as date(2026, 11, 1)")
        self.engine_ = fitted_engine(_catalogue(self.catalogue), self.settings or Settings(), semantic=self.semantic)
        return self

    def predict(self, X: Sequence[Consultation | Mapping[str, Any]]) -> NDArray[np.object_]:  # noqa: N803
        """The ids of the best services for each consultation, best first. An array of lists, shape (consultations,)."""
        return _array([self._ranked(row, self.top) for row in X])

    def score(self, X: Sequence[Consultation | Mapping[str, Any]], y: Sequence[Mapping[ServiceId, int]]) -> float:  # noqa: N803
        """Mean nDCG@10 (gains 1, 3, 7).

        Args:
            X: consultations.
            y: for each, the judges' grades (0 to 3) by service id; a service that is not named has grade 0.
        """
        if len(X) != len(y) or not len(X):
            raise ValueError("score: needs as many judgement dicts as consultations, and at least one")
        return float(np.mean([ndcg(self._ranked(row, DEPTH), grades) for row, grades in zip(X, y, strict=True)]))

    def _ranked(self, row: Consultation | Mapping[str, Any], top: int) -> list[ServiceId]:
        if not hasattr(self, "engine_"):
            raise NotFittedError("this ServiceRanker is not fitted yet; call fit first")
        consultation = row if isinstance(row, Consultation) else read_consultation(row)
        return ranked_ids(self.engine_, consultation, self.as_of or SAMPLE_DATE, top)

    def __getstate__(self) -> dict[str, Any]:
        """Without the engine: it holds an open model, and is made again when unpickled."""
        state: dict[str, Any] = dict(super().__getstate__())
        return {**state, "engine_": None} if "engine_" in state else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        fitted = "engine_" in state
        super().__setstate__({name: value for name, value in state.items() if name != "engine_"})
        if fitted:
            self.fit()


def ranked_ids(engine: Engine, consultation: Consultation, as_of: date, top: int) -> list[ServiceId]:
    """The ids that the engine suggests, best first; without the work of explaining them."""
    reading = engine.shortlist(engine.understand(consultation, as_of), top).reading
    return [engine.ids[row] for row in reading.screen.case.rows]


def ndcg(ranked: Sequence[ServiceId], grades: Mapping[ServiceId, int], n: int = DEPTH) -> float:
    """nDCG@n of one list with gains 1, 3, 7 and discount ``log2(1 + rank)`` (Järvelin and Kekäläinen 2002).

    0 where no service has a grade above 0, as trec_eval counts it.
    """
    best = sorted((GAINS.get(grade, 0) for grade in grades.values()), reverse=True)[:n]
    got = [GAINS.get(grades.get(service_id, 0), 0) for service_id in ranked[:n]]
    discounts = 1 / np.log2(np.arange(2, n + 2))
    ideal = float(np.dot(best, discounts[: len(best)]))
    return float(np.dot(got, discounts[: len(got)])) / ideal if ideal else 0.0


def fitted_engine(
    catalogue: Catalogue,
    settings: Settings,
    *,
    semantic: bool = True,
    weights: bool = True,
    decisions: Mapping[int, Decision] | None = None,
) -> Engine:
    """An engine with these settings. The last few are kept, so that only what must be fitted again is.

    Args:
        catalogue: the services.
        settings: all tunable numbers; those in :data:`LATE` never need another fit.
        semantic: use the sentence encoder when it is installed.
        weights: use the settings' own need -> offer weights; without them it can be given any others later.
        decisions: per row, what a curator confirmed.
    """
    early = settings.model_copy(update={name: _default(name) for name in LATE})
    key = (catalogue.version, early.fingerprint, semantic, fingerprint_of(decisions or {}))
    if key not in _FITTED:
        encoder = load_encoder() if semantic else None
        taxonomy = packaged_taxonomy()
        adapter = read_adapter(taxonomy_folder() / "adapter.npz")
        _FITTED[key] = Engine.fit(catalogue, taxonomy, early, encoder, adapter, decisions)
    _FITTED.move_to_end(key)
    while len(_FITTED) > KEPT_ENGINES:
        _FITTED.popitem(last=False)
    return with_late_settings(_FITTED[key], settings if weights else settings.model_copy(update={"weights": {}}))


def with_late_settings(engine: Engine, settings: Settings) -> Engine:
    """The same fitted parts under other numbers; a test holds it against an engine fitted from scratch.

    Args:
        engine: fitted without need -> offer weights of its own, as :func:`fitted_engine` keeps them.
        settings: may differ from the engine's in what :data:`LATE` names.
    """
    changed = copy.copy(engine)
    changed.settings = settings
    if settings.weights:
        changed.taxonomy = settings.applied_to(engine.taxonomy)
        offers = replace(engine.offers, taxonomy=changed.taxonomy)
        fusion = replace(engine.index.fusion, tags=TagScorer(offers, settings.tags))
        changed.index = replace(engine.index, offers=offers, fusion=fusion)
    changed.stamp = replace(engine.stamp, settings=settings.fingerprint, taxonomy=changed.taxonomy.version)
    return changed


def _default(name: str) -> Any:
    return Settings.model_fields[name].get_default(call_default_factory=True)


def _catalogue(given: Catalogue | Path | str | Sequence[Path | str] | None) -> Catalogue:
    if isinstance(given, Catalogue):
        return given
    if given is None:
        return read_catalogue(sample_catalogue())
    paths = (given,) if isinstance(given, (str, Path)) else tuple(given)
    if not paths:
        raise InputError("catalogue: no path was given")
    return read_catalogue(*paths)


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by their path joined by two underscores."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}__")
        else:
            yield f"{above}{name}", value


def _array(lists: Sequence[list[ServiceId]]) -> NDArray[np.object_]:
    """Lists of different lengths as one array of objects."""
    found = np.empty(len(lists), dtype=object)
    for place, listed in enumerate(lists):
        found[place] = listed
    return found
