from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from modmirror.compose_routing import Routing
from modmirror.errors import ConfigError
from modmirror.measure.score import Prior
from modmirror.protocol.chain import parse_goproxy
from modmirror.proxy.journey import Chain
from modmirror.proxy.scores import KEY, format_scores, parse_scores
from modmirror.routing.settings import RoutingSettings
from modmirror.storage.documents import MemoryDocuments
from modmirror.storage.port import Document
from modmirror.telemetry.instruments import Instruments
from modmirror.telemetry.prometheus import PrometheusMetrics
from tests.fakes.waiting import ready

if TYPE_CHECKING:
    from pathlib import Path


def chain() -> Chain:
    links = parse_goproxy("https://a.example|https://b.example")
    return Chain(links, {"https://a.example": ready("a"), "https://b.example": ready("b")})


async def test_saved_scores_are_known_at_the_start_and_saved_at_the_end() -> None:
    documents = MemoryDocuments()
    known = format_scores({"a": {"meta": Prior(0.25)}, "gone": {"meta": Prior(1.0)}})
    instruments = Instruments(metrics=PrometheusMetrics("1"), now=lambda: 1000.0)
    await documents.put(KEY, Document(known, 900.0, ""))
    async with AsyncExitStack() as closing:
        routing = Routing(RoutingSettings(), instruments)
        routing.start([chain()], documents, closing)
        told = routing.as_json()
        assert isinstance(told, dict)
        assert [(each["upstream"], each["score_ms"]["meta"]) for each in told["upstreams"]] == [
            ("a", 250.0),
            ("b", None),
        ]
        assert b'modproxy_upstream_breaker_state{upstream="a"} 0.0' in instruments.metrics.render()
    saved = documents.get(KEY)
    assert saved is not None
    assert (parse_scores(saved.body), saved.fetched_at) == ({"a": {"meta": Prior(0.25)}}, 1000.0)


async def test_a_report_of_the_lab_is_the_first_opinion(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    file.write_text('{"targets": {"a": {"info/warm": {"median": {"value": 0.5}}}}}')
    async with AsyncExitStack() as closing:
        routing = Routing(RoutingSettings(scores=str(file)), Instruments())
        routing.start([chain()], MemoryDocuments(), closing)
        assert '"meta": 500.0' in json.dumps(routing.as_json())


async def test_a_report_that_cannot_be_read_is_said_at_the_start(tmp_path: Path) -> None:
    routing = Routing(RoutingSettings(scores=str(tmp_path / "none.json")), Instruments())
    async with AsyncExitStack() as closing:
        with pytest.raises(ConfigError, match="cannot read"):
            routing.start([chain()], MemoryDocuments(), closing)
