"""``python -m matcher.learning FOLDER``: train on the taxonomy in a folder and write ``adapter.npz`` there."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from matcher.encoder import load_encoder
from matcher.learning.labels import labels_of
from matcher.learning.readers import train_reader
from matcher.learning.towers import train_towers
from matcher.taxonomy import read_taxonomy


def main(folder: Path) -> None:
    """Train the matrices and the readers of both voices."""
    encoder = load_encoder()
    if encoder is None:
        raise SystemExit("adapter: the extra `semantic` is not installed; pip install 'service-matcher[semantic]'")
    taxonomy = read_taxonomy(folder)
    voices = {voice: labels_of(taxonomy, encoder, voice) for voice in ("person", "provider")}
    towers = dict(zip(voices, train_towers(taxonomy, voices["person"], voices["provider"]), strict=True))
    readers = {f"{voice}_reader": train_reader(labels, len(taxonomy.concepts)) for voice, labels in voices.items()}
    np.savez(
        folder / "adapter.npz",
        allow_pickle=False,
        concepts=np.array([concept.id for concept in taxonomy.concepts]),
        **{name: values.astype(np.float16) for name, values in {**towers, **readers}.items()},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
