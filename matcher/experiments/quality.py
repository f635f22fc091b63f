"""Both towns, with every part and without each: what the page on quality is made from."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.data_files import SAMPLE_DATE, data_path
from matcher.domain import InputError
from matcher.encoder import load_encoder
from matcher.evaluation.quality import SAMPLE, VALIDATION, Place
from matcher.evaluation.scorecard import Scorecard
from matcher.experiments.inputs import Inputs
from matcher.experiments.leaving_out import MEANINGS
from matcher.experiments.running import Progress, evaluate, silent


def both_towns() -> list[tuple[Place, Inputs]]:
    """The sample town, which phrases and weights were made in sight of, and the one that nobody looked at.

    Raises:
        InputError: the validation town is missing; an installed package does not have it.
    """
    try:
        validation = data_path("validation", "services.json")
    except FileNotFoundError:
        raise InputError("validation town: not part of an installed package; run this in a checkout") from None
    return [(SAMPLE, Inputs()), (VALIDATION, Inputs((validation,)))]


def measure_places(
    places: Sequence[tuple[Place, Inputs]], *, semantic: bool = True, progress: Progress = silent
) -> list[tuple[Place, Scorecard]]:
    """Every place with the default engine and without each of its main parts, for the towns' own day.

    Where the semantic scorer takes no part, there is no run without it.
    """
    semantic = semantic and load_encoder() is not None
    parts = [name for name in MEANINGS if semantic or name != "semantic"]

    def measured(place: Place, inputs: Inputs) -> Scorecard:
        def told(name: str, done: int, total: int) -> None:
            progress(f"{place.name}, {name}", done, total)

        return evaluate(inputs, as_of=SAMPLE_DATE, without=parts, semantic=semantic, progress=told)

    return [(place, measured(place, inputs)) for place, inputs in places]
