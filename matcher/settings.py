"""Every component's own config in one frozen, fingerprinted object; TOML in and out."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matcher.domain import SettingsError
from matcher.eligibility import EligibilityConfig
from matcher.offers import OffersConfig
from matcher.profile import ProfileConfig
from matcher.ranking import RankingConfig
from matcher.safety import SafetyConfig
from matcher.scorers.lexical import LexicalScorerConfig
from matcher.scorers.semantic import SemanticScorerConfig
from matcher.scorers.tags import TagScorerConfig
from matcher.taxonomy import Taxonomy, read_links
from matcher.understanding import UnderstandingConfig

SCORERS: tuple[Literal["tags", "lexical", "semantic"], ...] = ("tags", "lexical", "semantic")


class Settings(BaseModel):
    """All tunable numbers of the engine. Two engines with equal fingerprints order alike."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provenance: str = ""
    """How these numbers came about; not part of the fingerprint."""
    scorers: tuple[Literal["tags", "lexical", "semantic"], ...] = SCORERS
    """Which scorers take part."""
    top: int = Field(10, ge=1, le=1000)
    weights: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Need -> offer -> weight, replacing the taxonomy's (read from the settings' ``weights.csv``)."""
    offers: OffersConfig = OffersConfig()
    understanding: UnderstandingConfig = UnderstandingConfig()
    profile: ProfileConfig = ProfileConfig()
    eligibility: EligibilityConfig = EligibilityConfig()
    tags: TagScorerConfig = TagScorerConfig()
    lexical: LexicalScorerConfig = LexicalScorerConfig()
    semantic: SemanticScorerConfig = SemanticScorerConfig()
    ranking: RankingConfig = RankingConfig()
    safety: SafetyConfig = SafetyConfig()
    """The pathways that alerts name; they never change the ranking."""

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits of all values."""
        values = self.model_dump(mode="json", exclude={"provenance"})
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]

    def changed(self, **changes: object) -> Settings:
        """A copy with dotted names replaced, for example ``ranking__tags=0.5`` or ``top=20``.

        Raises:
            SettingsError: a name does not exist or a value is out of range.
        """
        values = self.model_dump()
        for name, value in changes.items():
            *path, last = name.split("__")
            place = values
            for step in path:
                place = place.get(step, {}) if isinstance(place, dict) else {}
            if not isinstance(place, dict) or last not in place:
                raise SettingsError(f"there is no setting {name.replace('__', '.')}")
            place[last] = value
        return _validated(values, "settings")

    def applied_to(self, taxonomy: Taxonomy) -> Taxonomy:
        """The taxonomy with this settings' own need -> offer weights, if it has any."""
        pairs = {(need, offer): w for need, offers in self.weights.items() for offer, w in offers.items()}
        return taxonomy.with_links(pairs) if pairs else taxonomy


def read_settings(path: Path | str) -> Settings:
    """Read a TOML settings file; ``weights = "weights.csv"`` names an overlay of tag weights beside it.

    Raises:
        SettingsError: naming the file, the setting and what it must be.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name}: cannot be read as a TOML file ({error})") from error
    if isinstance(values.get("weights"), str):
        values["weights"] = _read_weights(path.parent / values["weights"])
    return _validated(values, path.name)


def _read_weights(path: Path) -> dict[str, dict[str, float]]:
    nested: dict[str, dict[str, float]] = {}
    for (need, offer), weight in read_links(path).items():
        nested.setdefault(need, {})[offer] = weight
    return nested


def _validated(values: dict[str, object], where: str) -> Settings:
    if endless := ", ".join(_not_finite(values)):
        raise SettingsError(f"{where}: {endless}: must be a finite number")
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)[:5])
        raise SettingsError(f"{where}: {faults}") from error


def _not_finite(value: Any, name: str = "") -> Iterator[str]:
    """The dotted names of all numbers that are infinite or none."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _not_finite(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _not_finite(item, f"{name}.{place}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield name
