"""One request of the page: its form read, the engine taken once, and a page that carries on all that was typed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields
from typing import Any, ParamSpec, TypeVar

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader
from starlette.datastructures import FormData, UploadFile

from service.current import Served
from service.pages_asking import Asker
from service.pages_form import IMPORTANCE, Draft, pairs_of, read_draft, texts_of
from service.plan import OUTCOMES, REASONS, WHO, Plan, day_of, plan_pairs, read_plan
from service.presenters_words import day_in_words

P = ParamSpec("P")
T = TypeVar("T")
MOST_FIELDS = 3_000
MOST_FILES = 1
LARGEST_FILE = 200_000
"""Bytes of an opened plan; what is longer is not read to its end."""
DRAFT_FIELDS = tuple(f.name for f in fields(Draft))


def _environment() -> Environment:
    """Templates of the page and of the NHS design system; everything is escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("service"), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        importance_words=IMPORTANCE,
        who_choices=[(words, words) for words in WHO],
        outcomes=OUTCOMES,
        outcome_reasons=REASONS,
    )
    return environment


TEMPLATES = _environment()


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A rendered page. ``context`` holds ready-made words only."""
    signed_in = not request.app.state.gate.open
    content = TEMPLATES.get_template(template).render(signed_in=signed_in, **context)
    return HTMLResponse(content, status)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a submitted form says, and what it is answered with."""

    request: Request
    form: FormData
    file: bytes
    asker: Asker
    draft: Draft
    plan: Plan

    def one(self, name: str) -> str:
        """The last value of a field of this page only, or an empty text."""
        texts = texts_of(self.form, name)
        return texts[-1].strip() if texts else ""

    def ticked(self, name: str) -> bool:
        """Whether a box or a button of this page was used."""
        return bool(self.one(name))

    def carried(self, without: Collection[str] = ()) -> list[tuple[str, str]]:
        """Hidden fields for everything that the page itself does not show."""
        return [pair for pair in self._pairs() if pair[0] not in without]

    def _pairs(self) -> Iterator[tuple[str, str]]:
        yield from pairs_of(self.draft)
        yield from plan_pairs(self.plan)

    async def ask(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the engine says, in a worker thread. Raises Problem 503 when too much is under way."""
        state = self.request.app.state
        answer: T = await state.admission.run(state.config.deadline_s, work, *args, **kwargs)
        return answer

    def page(self, template: str, status: int = 200, *, shown: Collection[str] = (), **context: Any) -> HTMLResponse:
        """A page that carries all that was typed; ``shown`` are the fields that it shows itself."""
        context = {"draft": self.draft, "plan": self.plan, "carried": self.carried(shown), **context}
        context["plan_choices"] = [(item.item, item.title) for item in self.plan.items]
        context["can_learn"] = hasattr(self.request.app.state, "feedback")
        begun = day_of(self.plan.made_on)
        context["begun"] = day_in_words(begun) if begun else ""
        return page(self.request, template, status, today=day_in_words(self.asker.as_of), **context)


async def read_visit(request: Request) -> Visit:
    """Read the form of a request that was let in."""
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    file = form.get("file")
    content = await file.read(LARGEST_FILE + 1) if isinstance(file, UploadFile) else b""
    await form.close()
    served: Served = request.app.state.matcher()
    return Visit(request, form, content, Asker(served.engine, served.as_of), read_draft(form), read_plan(form))
