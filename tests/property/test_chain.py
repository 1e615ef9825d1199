from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import ConfigError, Error, NotExist, UpstreamTimeout
from modmirror.protocol.answer import MAX_TEXT_LINES
from modmirror.protocol.chain import Ask, GaveUp, Link, parse_goproxy, start, step

links = st.lists(
    st.builds(Link, st.sampled_from(["https://a.example", "off"]), st.sampled_from(["not-found", "any"]))
).map(tuple)
outcomes = st.sampled_from([NotExist("none"), UpstreamTimeout("a.example", "no answer")])


@given(links, st.lists(outcomes, min_size=30, max_size=30))
def test_every_list_ends_and_ends_as_the_go_command_would(
    links: tuple[Link, ...], outcomes: list[Error]
) -> None:
    state = start(links)
    asked = 0
    while isinstance(state, Ask):
        assert state.position == asked == len(state.failures)
        assert links[state.position].upstream != "off"
        state = step(links, state, outcomes[asked])
        asked += 1
    heard = outcomes[:asked]
    troubles = [outcome for outcome in heard if not isinstance(outcome, NotExist)]
    assert isinstance(state, GaveUp)
    assert state.error is troubles[-1] if troubles else isinstance(state.error, NotExist)
    assert len(state.error.reason.split("\n")) <= MAX_TEXT_LINES


@given(st.text(max_size=30) | st.text("htps:/.,| @of[]?#a", max_size=30))
def test_any_text_is_a_list_or_a_configuration_error(text: str) -> None:
    try:
        parsed = parse_goproxy(text)
    except ConfigError:
        return
    assert parsed
    assert all(link.upstream == "off" or ":/" in link.upstream for link in parsed)
