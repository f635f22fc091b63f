"""Puts the service together: one application from a config, with the current engine behind ``app.state.matcher``."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from matcher import Engine
from matcher.domain import MatcherError
from matcher.engine import engine_version
from service import admin, api, concepts, outcomes, pages, problems
from service.access import Access, Gate
from service.config import ServiceConfig
from service.current import Current, Served
from service.keys import KeyFile, KeyRing
from service.limits import Admission, RateLimit
from service.loading import Loader
from service.metrics import Metrics
from service.middleware import Arrival, Observed, SameSite
from service.openapi import document
from service.sessions import Sessions
from service.stopping import give_notice
from service.workers import Workers

STATIC = Path(__file__).parent / "static"
MOST_BATCHES = 2
"""Batches computed or waiting, per worker."""


def create_app(config: ServiceConfig, engine: Engine | None = None) -> FastAPI:
    """The application.

    Args:
        config: the service's settings.
        engine: what to serve; read from the config's catalogue at start when left out.
    """
    routers = [api.router, concepts.router, admin.router, outcomes.router, pages.router]
    metrics = Metrics()
    ring = KeyRing(KeyFile(config.state / "keys.json"))
    sessions = Sessions(ring, config.state / "session.secret", config.session_hours)
    gate = Gate(ring, sessions, RateLimit(config.rate_per_minute, config.workers), RateLimit(config.failed_per_minute))
    app = FastAPI(
        title="Service matcher",
        version=engine_version(),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        middleware=[
            Middleware(Observed, metrics=metrics, routes=_templates(routers), tls=not gate.open),
            Middleware(SameSite, config=config, local_only=gate.open),
            Middleware(Arrival, config=config),
        ],
    )
    app.state.config, app.state.metrics, app.state.gate, app.state.sessions = config, metrics, gate, sessions
    app.state.matcher = Current()
    app.state.loader = Loader(config, app.state.matcher, metrics, Workers.of_this_run())
    app.state.load_at_start = engine is None
    if engine is not None:
        app.state.matcher.swap(Served(engine, config.day))
    app.state.routers = routers
    for router in routers:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    _check_access(routers)
    app.state.openapi = document(app)
    app.state.contract = json.dumps(app.state.openapi).encode()
    return app


def routes_of(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    """Every route of the application except static files, those of routers within routers included."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
            elif isinstance(inner := getattr(route, "original_router", None), APIRouter):
                yield from routes_of([inner])


def rule_of(route: APIRoute) -> Access | None:
    """The access rule that a route names."""
    rules = [d.dependency for d in route.dependencies if isinstance(d.dependency, Access)]
    return rules[0] if len(rules) == 1 else None


def _check_access(routers: Sequence[APIRouter]) -> None:
    """A route without exactly one rule never goes into service."""
    missing = [route.path for route in routes_of(routers) if rule_of(route) is None]
    if missing:
        raise RuntimeError(f"routes without an access rule: {', '.join(missing)}")


def _templates(routers: Sequence[APIRouter]) -> frozenset[str]:
    return frozenset(route.path for route in routes_of(routers))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read the catalogue before the first request; let running answers end after the last."""
    config: ServiceConfig = app.state.config
    app.state.matcher.draining = False
    app.state.admission = Admission(config.threads, config.max_in_flight)
    app.state.batches = Admission(1, MOST_BATCHES)
    if app.state.load_at_start:
        await asyncio.to_thread(_start, app.state.loader)
    following = asyncio.create_task(app.state.loader.follow())
    give_notice(app.state.matcher, config.notice_s)
    yield
    app.state.matcher.draining = True
    following.cancel()
    app.state.loader.close()
    await asyncio.to_thread(app.state.admission.close)
    await asyncio.to_thread(app.state.batches.close)


def _start(loader: Loader) -> None:
    """Read the catalogue; a fault in it is told in one line before the server gives up."""
    try:
        loader.start()
    except MatcherError as error:
        sys.stderr.write(f"matcher: {error}\n")
        raise
