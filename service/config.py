"""The service's own settings: arguments win over environment (``MATCHER_*``), environment over a TOML file."""

from __future__ import annotations

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from matcher.data_files import SAMPLE_DATE
from matcher.domain import SettingsError

CONFIG_VARIABLE = "MATCHER_CONFIG"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def state_folder() -> Path:
    """Where the service keeps keys and catalogues unless told otherwise."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "service-matcher"


class ServiceConfig(BaseSettings):
    """Everything an operator may set. Limits are per worker where they say so."""

    model_config = SettingsConfigDict(env_prefix="MATCHER_", frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """Address to listen on; anything but loopback needs at least one key."""
    port: int = Field(8000, ge=0, le=65_535)
    """Port to listen on; 0 takes a free one."""
    workers: int = Field(1, ge=1, le=64)
    """Processes that answer."""
    catalogue: Annotated[tuple[Path, ...], NoDecode] = ()
    """Directories of services; the sample town when empty."""
    settings: Path | None = None
    """A TOML file with the engine's settings."""
    decisions: Path | None = None
    """What curators confirmed about the services (CSV, see ``matcher curate``)."""
    semantic: bool = True
    """Use the sentence encoder when it is installed."""
    as_of: date | None = None
    """Answer for this day when a request names none; today, or the sample town's own day, when left out."""
    state: Path = Field(default_factory=state_folder)
    """Folder for keys, the session secret and the catalogues that were served."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names this service answers to; any when empty (without keys: loopback names only)."""
    max_body_bytes: int = Field(1_000_000, ge=1_000)
    """Longest request body; a batch may have twice as much."""
    body_timeout_s: float = Field(10.0, gt=0)
    """A body must have arrived after so long, a response must have been read."""
    header_timeout_s: float = Field(10.0, gt=0)
    """A request's head must have arrived after so long."""
    deadline_s: float = Field(5.0, gt=0)
    """Longest wait for one answer, queue included."""
    batch_deadline_s: float = Field(120.0, gt=0)
    """Longest wait for a batch."""
    threads: int = Field(2, ge=1, le=64)
    """Answers computed at the same time, per worker."""
    max_in_flight: int = Field(32, ge=1)
    """Answers computed or waiting, per worker; more are refused with 503."""
    rate_per_minute: int = Field(600, ge=1)
    """Consultations per key and minute over all workers; ten of a batch count as one."""
    failed_per_minute: int = Field(60, ge=1)
    """Refused keys per address and minute before the answer is 429; good keys are not held up."""
    session_hours: float = Field(10.0, gt=0, le=24)
    """How long a sign-in on the page lasts."""
    notice_s: float = Field(1.0, ge=0)
    """How long after SIGTERM the service goes on, saying that it is not ready, before it takes no new connections."""
    drain_s: int = Field(8, ge=1)
    """How long running requests may take to end when the service stops."""
    reload_timeout_s: float = Field(120.0, gt=0)
    """How long reading a catalogue may take."""
    shrink_floor: float = Field(0.5, ge=0, le=1)
    """A new catalogue with fewer than this share of the services needs ``accept_shrink``."""
    accept_shrink: bool = False
    """Take a much smaller catalogue at start."""
    keep_catalogues: int = Field(10, ge=2)
    """Versions of the catalogue kept for falling back and for replay."""

    @field_validator("catalogue", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:
        """``MATCHER_CATALOGUE=a.json:b.json`` is a list, as PATH is."""
        return _split(value, os.pathsep)

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        """``MATCHER_ALLOWED_HOSTS=one.test,two.test`` is a list."""
        return _split(value, ",")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the TOML file that ``MATCHER_CONFIG`` names."""
        file = os.environ.get(CONFIG_VARIABLE)
        toml = (TomlConfigSettingsSource(settings_cls, file),) if file else ()
        return (init_settings, env_settings, *toml)

    @property
    def day(self) -> date | None:
        """The day to answer for: the one set, the sample town's own, or ``None`` for today."""
        return self.as_of or (None if self.catalogue else SAMPLE_DATE)


def _split(value: Any, separator: str) -> Any:
    return [piece.strip() for piece in value.split(separator) if piece.strip()] if isinstance(value, str) else value


def read_config(**given: Any) -> ServiceConfig:
    """The settings, with ``given`` arguments on top (``None`` means not given).

    Raises:
        SettingsError: naming the setting and the rule.
    """
    file = os.environ.get(CONFIG_VARIABLE)
    if file and not Path(file).is_file():
        raise SettingsError(f"{CONFIG_VARIABLE}: {Path(file).name} is no file")
    try:
        return ServiceConfig(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)[:5]
        raise SettingsError("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in faults)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{Path(file or '').name}: not a TOML file ({error})") from None
