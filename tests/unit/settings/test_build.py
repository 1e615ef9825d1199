from __future__ import annotations

from modmirror.config import SECTIONS, Config
from modmirror.proxy.settings import RouteSettings
from modmirror.server.settings import ServerSettings
from modmirror.settings.build import build
from modmirror.settings.draft import Draft, Given


def test_what_nobody_gave_has_its_default() -> None:
    values, sources = build(Draft(SECTIONS), Config())
    assert Config(**values) == Config()
    assert set(sources.values()) == {"default"}


def test_given_values_are_converted_and_keep_their_source() -> None:
    draft = Draft(SECTIONS)
    draft.put("server", 0, "port", Given("9", "VARIABLE", text=True))
    draft.put("route", 0, "from", Given(["https://a"], "f.toml:1"))
    values, sources = build(draft, Config())
    assert values["server"] == ServerSettings(port=9)
    assert values["route"] == (RouteSettings(from_=("https://a",)),)
    assert (sources["server.port"], sources["route[0].from"]) == ("VARIABLE", "f.toml:1")
    assert sources["route[0].match"] == "default"
    assert draft.problems == []


def test_every_value_that_does_not_fit_is_noted_with_its_source() -> None:
    draft = Draft(SECTIONS)
    draft.put("server", 0, "port", Given("x", "--port"))
    draft.put("credential", 0, "username", Given("me", "f.toml:1"))
    build(draft, Config())
    assert [str(problem) for problem in draft.problems] == [
        'server.port: expected a whole number, got "x" (--port)',
        "credential[0].url: must be given",
    ]


def test_a_required_value_that_does_not_fit_is_noted_like_any_other() -> None:
    draft = Draft(SECTIONS)
    draft.put("access", 0, "name", Given("corp", "f.toml:2"))
    draft.put("access", 0, "kind", Given("tokn", "f.toml:3"))
    build(draft, Config())
    (problem,) = draft.problems
    assert (problem.key, problem.source) == ("access[0].kind", "f.toml:3")
    assert problem.reason.endswith('got "tokn"')
