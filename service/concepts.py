"""The look-ahead endpoint: for other systems, and for the page as somebody types."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.access import requires
from service.api import json_response
from service.bodies import ConceptQuery, read_model

router = APIRouter(tags=["concepts"])


@router.post("/v1/concepts", dependencies=[requires("suggest")])
async def concepts(request: Request) -> Response:
    """Concepts of the taxonomy for what has been typed so far."""
    query = await read_model(request, ConceptQuery)
    found = request.app.state.matcher().look_ahead.find(query.text, query.kinds, query.limit)
    return json_response({"concepts": [asdict(candidate) for candidate in found]})
