"""For operators: probes, metrics, the contract, and taking a new catalogue."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.access import open_to_all, requires
from service.api import json_response
from service.bodies import ReloadOrder, read_model
from service.metrics import CONTENT_TYPE
from service.problems import unavailable

router = APIRouter(tags=["operations"])


@router.get("/health/live", dependencies=[open_to_all()])
async def live() -> Response:
    """The process answers. Touches nothing else."""
    return json_response({"status": "alive"})


@router.get("/health/ready", dependencies=[open_to_all()])
async def ready(request: Request) -> Response:
    """The service can rank. 503 before the first catalogue is in and while stopping."""
    current = request.app.state.matcher
    if not current.ready:
        raise unavailable("no catalogue yet, or stopping")
    served = current()
    return json_response(
        {
            "status": "ready",
            "degraded": list(served.degraded),
            "catalogue": served.engine.stamp.catalogue,
            "services": len(served.engine.catalogue),
            "catalogue_age_s": int(time.time() - served.since),
        }
    )


@router.get("/metrics", dependencies=[requires("admin")])
async def metrics(request: Request) -> Response:
    """Counts in Prometheus' text format."""
    return Response(request.app.state.metrics.exposition(), media_type=CONTENT_TYPE)


@router.get("/openapi.json", dependencies=[open_to_all()])
async def contract(request: Request) -> Response:
    """This description."""
    return Response(request.app.state.contract, media_type="application/json")


@router.post("/v1/catalogue/reload", dependencies=[requires("admin")])
async def reload(request: Request) -> Response:
    """Read the configured catalogue again and serve it when it is good; otherwise go on with the old one."""
    order = await read_model(request, ReloadOrder)
    result = await request.app.state.loader.reload(accept_shrink=order.accept_shrink)
    request.state.audit = {"catalogue": result.catalogue, "count": result.services, "reason": result.result}
    return json_response(
        {"result": result.result, "catalogue": result.catalogue, "services": result.services, "workers": result.workers}
    )
