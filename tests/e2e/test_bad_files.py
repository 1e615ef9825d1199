"""After an upstream sent a bad file: what is there is served, and what is not is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.modules import GREET, fill_world
from tests.fakes.gomodules import escape, plain_zip
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from tests.e2e.conftest import StartMirror

PATH = escape(GREET)
BAD = plain_zip(GREET, "v1.1.0", {"go.mod": f"module {GREET}\n", "a.go": "", "A.go": ""})


@pytest.fixture
def liar(upstream: FakeUpstream) -> FakeUpstream:
    """An upstream with one bad zip among good ones."""
    fill_world(upstream)
    upstream.add(GREET, "v1.1.0", zip=BAD, mod=f"module {GREET}\n")
    return upstream


def test_an_only_upstream_with_a_bad_zip_still_tells_what_is_there(
    liar: FakeUpstream, start_mirror: StartMirror
) -> None:
    mirror = start_mirror({"route": [{"match": ["*"], "from": [liar.url], "sumdb": "off"}]})
    for _ in range(2):
        assert mirror.get(f"{PATH}/@v/v1.1.0.zip")[0] == 502
    assert liar.count(f"{PATH}/@v/v1.1.0.zip") == 1
    for kind in ("zip", "mod", "info"):
        assert mirror.get(f"{PATH}/@v/v1.2.0.{kind}")[0] == 200, kind
        assert mirror.get(f"{PATH}/@v/v1.9.9.{kind}")[0] == 404, kind
    assert mirror.get(f"{PATH}/@v/list")[0] == 200
    assert mirror.get(f"{PATH}/@v/nowhere.info")[0] == 404


def test_with_a_second_upstream_the_next_request_gets_it_there(
    liar: FakeUpstream, start_mirror: StartMirror
) -> None:
    with FakeUpstream() as good:
        fill_world(good)
        mirror = start_mirror(
            {"route": [{"match": ["*"], "from": [liar.url, good.url], "sumdb": "off", "choose": "ordered"}]}
        )
        assert mirror.get(f"{PATH}/@v/v1.1.0.zip")[0] == 200
        assert mirror.get(f"{PATH}/@v/v1.2.0.zip")[0] == 200
        assert mirror.get(f"{PATH}/@v/v1.9.9.zip")[0] == 404
        asked = [
            (each.count(f"{PATH}/@v/v1.2.0.zip"), each.count(f"{PATH}/@v/v1.9.9.zip"))
            for each in (liar, good)
        ]
        assert asked == [(0, 1), (1, 1)]
