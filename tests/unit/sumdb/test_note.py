from __future__ import annotations

import pytest

from modmirror.errors import BadNote, ConfigError
from modmirror.sumdb.note import MAX_SIGNATURES, VerifierKey, open_note, text_problem
from tests.fakes.sumdb import Signer

SUM_GOLANG_ORG = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

TEXT = b"first line\n\nafter a blank line\n"
ALICE = Signer("alice.test", 1)
BOB = Signer("bob.test", 1)
KEY = VerifierKey.parse(ALICE.key)
BOB_KEY = VerifierKey.parse(BOB.key)


def test_builtin_key_is_read() -> None:
    key = VerifierKey.parse(SUM_GOLANG_ORG)
    assert (key.name, key.key_hash.hex(), len(key.public)) == ("sum.golang.org", "033de0ae", 32)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sum.golang.org",
        "sum.golang.org+033de0ae",
        "+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum golang+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033DE0AE+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+As4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuA==",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn",
        "sum.golang.org+033de0ae+not base64",
        "sum.golang.org+033de0ae+ümlaut",
    ],
)
def test_malformed_key_is_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        VerifierKey.parse(text)
    assert caught.value.key == "sumdb.key"


def test_last_blank_line_ends_the_text() -> None:
    assert open_note(ALICE.sign(TEXT), [KEY]).text == TEXT


def test_unknown_signers_are_passed_over() -> None:
    message = TEXT + b"\n" + BOB.line(TEXT) + ALICE.line(TEXT)
    assert open_note(message, [KEY]).signers == (KEY,)


def test_each_known_signer_is_named_once() -> None:
    message = TEXT + b"\n" + ALICE.line(TEXT) + BOB.line(TEXT) + ALICE.line(TEXT)
    assert open_note(message, [KEY, BOB_KEY]).signers == (KEY, BOB_KEY)


def test_no_known_signer_rejects() -> None:
    with pytest.raises(BadNote, match=r"not signed by a known key; known: alice\.test"):
        open_note(BOB.sign(TEXT), [KEY])


def test_no_key_at_all_rejects() -> None:
    with pytest.raises(BadNote, match="no key at all"):
        open_note(ALICE.sign(TEXT), [])


def test_wrong_signature_of_a_known_key_rejects_beside_a_right_one() -> None:
    message = TEXT + b"\n" + ALICE.line(TEXT) + BOB.line(b"other\n")
    with pytest.raises(BadNote, match=r"signature of bob\.test is wrong"):
        open_note(message, [KEY, BOB_KEY])


def test_known_name_with_unknown_key_hash_is_an_unknown_signer() -> None:
    message = TEXT + b"\n" + Signer("alice.test", 2).line(TEXT) + ALICE.line(TEXT)
    assert open_note(message, [KEY]).signers == (KEY,)


def test_two_keys_with_one_hash_are_both_tried() -> None:
    twin = VerifierKey(KEY.name, KEY.key_hash, BOB_KEY.public)
    assert open_note(ALICE.sign(TEXT), [twin, KEY]).signers == (KEY,)


def test_at_most_a_hundred_signatures() -> None:
    allowed = TEXT + b"\n" + BOB.line(TEXT) * (MAX_SIGNATURES - 1) + ALICE.line(TEXT)
    assert open_note(allowed, [KEY]).text == TEXT
    with pytest.raises(BadNote, match="101 signatures"):
        open_note(allowed + BOB.line(TEXT), [KEY])


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"text\n", id="no signature block"),
        pytest.param(TEXT + ALICE.line(TEXT), id="no blank line before signatures"),
        pytest.param(TEXT + b"\n", id="blank line but no signatures"),
        pytest.param(ALICE.sign(TEXT)[:-1], id="no final newline"),
        pytest.param(ALICE.sign(TEXT) + b"\n", id="blank line after signatures"),
        pytest.param(ALICE.sign(TEXT) + b"more\n", id="line that is no signature"),
        pytest.param(ALICE.sign(TEXT).replace("\u2014".encode(), b"-"), id="hyphen for the dash"),
        pytest.param(ALICE.sign(TEXT) + "\u2014 bob.test\n".encode(), id="no signature after the name"),
        pytest.param(ALICE.sign(TEXT) + "\u2014 bob.test AAAA=\n".encode(), id="not base64"),
        pytest.param(ALICE.sign(TEXT) + "\u2014 bob.test AAAAAA==\n".encode(), id="key hash alone"),
        pytest.param(ALICE.sign(TEXT) + "\u2014  AAAAAAA=\n".encode(), id="empty name"),
        pytest.param(ALICE.sign(TEXT) + "\u2014 b+b AAAAAAA=\n".encode(), id="plus in the name"),
        pytest.param(ALICE.sign(TEXT) + "\u2014 b\u00a0b AAAAAAA=\n".encode(), id="space in the name"),
        pytest.param(ALICE.sign(TEXT) + "\u2014 b AAAAAAA= \n".encode(), id="space at the end"),
        pytest.param(ALICE.sign(b"a\tb\n"), id="tab"),
        pytest.param(ALICE.sign(b"a\r\n"), id="carriage return"),
        pytest.param(ALICE.sign(b"a\0\n"), id="nul"),
        pytest.param(ALICE.sign(b"\xff\n"), id="not UTF-8"),
        pytest.param(ALICE.sign("\ud800\n".encode(errors="surrogatepass")), id="surrogate"),
    ],
)
def test_malformed_note_is_rejected(message: bytes) -> None:
    with pytest.raises(BadNote):
        open_note(message, [KEY])


def test_changed_text_is_rejected() -> None:
    with pytest.raises(BadNote, match="wrong"):
        open_note(ALICE.sign(TEXT).replace(b"first", b"First"), [KEY])


def test_letters_of_any_script_are_fit_for_text() -> None:
    assert text_problem("Grüße, 世界\n".encode()) == ""
