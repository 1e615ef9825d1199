from __future__ import annotations

import pytest

from modmirror.errors import (
    ConfigError,
    Error,
    FetchDisabled,
    HashMismatch,
    NotExist,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.protocol.chain import (
    Ask,
    GaveUp,
    Link,
    error_for_status,
    links_from_list,
    parse_goproxy,
    start,
    step,
)

A, B, C = "https://a.example", "https://b.example", "https://c.example/base"
ABSENT = NotExist("unknown revision", sources=("a.example",))
BROKEN = UpstreamUnavailable("b.example", "connection refused")


def walk(links: tuple[Link, ...], *outcomes: Error) -> Ask | GaveUp:
    """Answer one ask after another with ``outcomes``."""
    state = start(links)
    for outcome in outcomes:
        assert isinstance(state, Ask)
        state = step(links, state, outcome)
    return state


def last_word(links: tuple[Link, ...], *outcomes: Error) -> Error:
    state = walk(links, *outcomes)
    assert isinstance(state, GaveUp)
    return state.error


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (A, (Link(A),)),
        (f"{A},{B}|{C}", (Link(A), Link(B, "any"), Link(C))),
        (f" {A} ,, | {B} ,", (Link(A), Link(B))),
        (f"{A}|off,{B}", (Link(A, "any"), Link("off"))),
        ("off", (Link("off"),)),
        ("host.example/path", (Link("https://host.example/path"),)),
        ("localhost:8080", (Link("https://localhost:8080"),)),
        ("a.example", (Link(A),)),
        ("http://a.example:81/x?token=t", (Link("http://a.example:81/x?token=t"),)),
        ("https://user:secret@a.example", (Link("https://user:secret@a.example"),)),
        ("file:///srv/modules", (Link("file:///srv/modules"),)),
        ("https://[::1]:8080", (Link("https://[::1]:8080"),)),
    ],
)
def test_a_goproxy_list_is_read_as_the_go_command_reads_it(text: str, links: tuple[Link, ...]) -> None:
    assert parse_goproxy(text) == links


@pytest.mark.parametrize(
    "text",
    [
        *["", " , | ", "mirror", "/srv/modules", "ftp://a.example", "https://", "https:///path"],
        *["https://a.example/#x", "https://a b.example", "https://a.\texample", "https://a.example:port"],
        *["file://host/srv", "file:///srv?x", "file:srv", "https://[::1", "https://\u00e9.example"],
        "noproxy",
    ],
)
def test_an_entry_that_is_no_url_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_goproxy(text)
    assert refused.value.key == "from"


@pytest.mark.parametrize("end", ["direct", "off"])
def test_direct_and_off_end_a_list(end: str) -> None:
    assert [link.upstream for link in parse_goproxy(f"{A},{end},{B}")] == [A, end]
    assert [link.upstream for link in links_from_list([A, end, B], "any")] == [A, end]


def test_what_the_repository_itself_says_is_what_is_told() -> None:
    links = parse_goproxy(f"{A}|direct")
    state = start(links)
    assert isinstance(state, Ask)
    state = step(links, state, UpstreamUnavailable("a.example", "refused"))
    assert isinstance(state, Ask)
    own_words = NotExist("unknown revision v9.9.9", hint="the newest is v1.2.0")
    assert step(links, state, own_words) == GaveUp(own_words)


@pytest.mark.matrix("T140")
def test_credentials_over_plain_http_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError, match="insecure") as refused:
        parse_goproxy("http://user:secret@a.example/x?token=hidden")
    assert "secret" not in refused.value.reason
    assert "hidden" not in refused.value.reason


def test_a_list_of_urls_goes_on_in_one_way() -> None:
    assert links_from_list([A, f" {B} "], "any") == (Link(A, "any"), Link(B, "any"))
    assert links_from_list([], "any") == ()


@pytest.mark.parametrize("entry", [f"{A},{B}", f"{A}|{B}", "", "mirror"])
def test_an_entry_of_a_list_is_exactly_one_url(entry: str) -> None:
    with pytest.raises(ConfigError):
        links_from_list([entry], "any")


@pytest.mark.matrix("T133")
@pytest.mark.parametrize("separator", [",", "|"])
def test_not_found_goes_on_under_both_separators(separator: str) -> None:
    links = parse_goproxy(f"{A}{separator}{B}")
    assert walk(links, ABSENT) == Ask(1, (ABSENT,))


FAILURES: list[Error] = [
    *[error_for_status("b.example", status, "", None) for status in (204, 301, 400, 401, 403)],
    *[error_for_status("b.example", status, "", 5.0) for status in (429, 451, 500, 502, 503)],
    BROKEN,
    UpstreamTimeout("b.example", "no answer"),
    UpstreamBadAnswer("b.example", "it is not JSON"),
    HashMismatch("the zip differs", want="h1:a", got="h1:b"),
]


@pytest.mark.matrix("T132")
@pytest.mark.matrix("T134")
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: f"{type(failure).__name__}-{failure}")
def test_any_other_failure_stops_at_a_comma_and_goes_on_at_a_bar(failure: Error) -> None:
    assert walk(parse_goproxy(f"{A},{B}"), failure) == GaveUp(failure)
    assert walk(parse_goproxy(f"{A}|{B}"), failure) == Ask(1, (failure,))


def test_a_failure_outweighs_not_found_and_the_last_failure_speaks() -> None:
    links = parse_goproxy(f"{A}|{B}|{C}")
    slow = UpstreamTimeout("a.example", "no answer")
    assert last_word(links, BROKEN, ABSENT, ABSENT) is BROKEN
    assert last_word(links, ABSENT, BROKEN, ABSENT) is BROKEN
    assert last_word(links, slow, BROKEN, ABSENT) is BROKEN


def test_not_found_everywhere_names_each_source_and_its_reason() -> None:
    error = last_word(parse_goproxy(f"{A},https://u:p@b.example/x?token=t"), ABSENT, NotExist("gone\nmore"))
    assert isinstance(error, NotExist)
    assert error.reason == "no upstream has it\na.example: unknown revision\nhttps://b.example/x: gone"
    assert error.sources == ("a.example", "https://b.example/x")


def test_many_sources_are_counted_beyond_the_lines_that_clients_show() -> None:
    links = tuple(Link(f"https://{n}.example") for n in range(20))
    error = last_word(links, *[NotExist("none")] * 20)
    assert len(error.reason.split("\n")) <= 8
    assert error.reason.endswith("and 15 more")


def test_off_ends_the_list_without_asking() -> None:
    assert last_word(parse_goproxy("off")).reason == "module lookup disabled by GOPROXY=off"
    error = last_word(parse_goproxy(f"{A},off"), ABSENT)
    assert isinstance(error, FetchDisabled)
    assert error.reason == "module lookup disabled by GOPROXY=off\na.example: unknown revision"
    assert last_word(parse_goproxy(f"{A}|off"), BROKEN) is BROKEN


def test_without_upstreams_only_the_store_is_served() -> None:
    assert isinstance(last_word(()), FetchDisabled)


@pytest.mark.parametrize(
    ("status", "retry_after", "kind"),
    [
        (404, None, NotExist),
        (410, None, NotExist),
        (401, None, UpstreamRefused),
        (403, None, UpstreamRefused),
        (451, None, UpstreamRefused),
        (429, None, UpstreamBusy),
        (503, 3.0, UpstreamBusy),
        (503, None, UpstreamUnavailable),
        (500, 3.0, UpstreamUnavailable),
        (502, None, UpstreamUnavailable),
        (504, None, UpstreamUnavailable),
        (599, None, UpstreamUnavailable),
        (204, None, UpstreamBadAnswer),
        (206, None, UpstreamBadAnswer),
        (302, None, UpstreamBadAnswer),
        (400, None, UpstreamBadAnswer),
        (418, None, UpstreamBadAnswer),
    ],
)
def test_each_status_but_200_is_one_kind_of_failure(
    status: int, retry_after: float | None, kind: type[Error]
) -> None:
    error = error_for_status("a.example", status, "", retry_after)
    assert type(error) is kind
    assert str(status) in error.reason


def test_a_failure_keeps_what_the_status_said() -> None:
    refused = error_for_status("a.example", 403, "no\n", None)
    assert isinstance(refused, UpstreamRefused)
    assert (refused.upstream, refused.status, refused.reason) == ("a.example", 403, "status 403: no")
    busy = error_for_status("a.example", 429, "", 7.0)
    assert isinstance(busy, UpstreamBusy)
    assert busy.retry_after == 7.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not found: x.y@v1.0.0: unknown revision\nmore\n", "x.y@v1.0.0: unknown revision"),
        ("\n  gone \r\n", "gone"),
        ("<html><body>404</body></html>", "status 404"),
        ("", "status 404"),
        ("x" * 1000, "x" * 200),
    ],
)
def test_not_found_repeats_the_first_line_of_the_text(text: str, reason: str) -> None:
    error = error_for_status("a.example", 404, text, None)
    assert isinstance(error, NotExist)
    assert (error.reason, error.sources) == (reason, ("a.example",))
