from __future__ import annotations

import pytest

from modmirror.origin.access.netrc import NetrcEntry, parse_netrc


@pytest.mark.parametrize(
    "text",
    [
        "machine git.test login ci password s3cret",
        "machine git.test\n  login ci\n  password s3cret\n",
        "machine\tgit.test\tuser ci account x password s3cret",
        '# mine\nmachine git.test login "ci" password "s3cret" # trailing',
        "default login anyone password else\nmachine git.test login ci password s3cret",
        "machine git.test login ci password s3cret\nmachine git.test login other password other",
        "machine half.test login ci\nmachine git.test login ci password s3cret",
        "macdef init\nmachine evil.test login a password b\n\nmachine git.test login ci password s3cret",
    ],
)
def test_a_complete_entry_is_read_however_it_is_laid_out(text: str) -> None:
    assert parse_netrc(text) == (NetrcEntry("git.test", "ci", "s3cret"),)


def test_a_port_belongs_to_the_machine() -> None:
    (entry,) = parse_netrc("machine localhost:9903 login a password b")
    assert entry.machine == "localhost:9903"


def test_a_password_may_look_like_a_comment_or_a_keyword_or_hold_blanks() -> None:
    text = 'machine a.test login login password #machine\nmachine b.test login x password "a \\"b\\" c"'
    assert [entry.password for entry in parse_netrc(text)] == ["#machine", 'a "b" c']


def test_default_entries_are_for_nobody() -> None:
    assert parse_netrc("default login anyone password else") == ()


@pytest.mark.parametrize(
    "text", ["machine a.test login b password c s3cret", "s3cret", "login a password b"]
)
def test_a_stray_word_is_an_error_that_repeats_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="line 1 holds a word") as caught:
        parse_netrc(text)
    assert "s3cret" not in str(caught.value)


def test_no_representation_shows_a_password() -> None:
    assert "s3cret" not in repr(parse_netrc("machine a.test login b password s3cret"))
