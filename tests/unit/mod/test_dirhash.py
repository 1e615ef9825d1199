from __future__ import annotations

import hashlib

import pytest

from modmirror.mod.dirhash import h1_of, h1_of_go_mod


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@pytest.mark.matrix("T114")
def test_no_files_have_the_hash_of_nothing() -> None:
    assert h1_of([]) == "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_lines_hold_digest_two_spaces_and_name() -> None:
    line = f"{sha(b'x').hex()}  a@v1.0.0/f\n".encode()
    assert h1_of([("a@v1.0.0/f", sha(b"x"))]) == h1_of_lines(line)


def h1_of_lines(lines: bytes) -> str:
    from base64 import b64encode

    return "h1:" + b64encode(sha(lines)).decode()


def test_order_does_not_matter() -> None:
    files = [("b", sha(b"1")), ("a", sha(b"2")), ("a/b", sha(b"3"))]
    assert h1_of(files) == h1_of(reversed(files))


def test_names_are_sorted_by_their_bytes() -> None:
    # As UTF-16 the second would come first.
    first, second = "\uffee", "\U00010000"
    lines = b"".join(f"{sha(b'').hex()}  {name}\n".encode() for name in (first, second))
    assert h1_of([(second, sha(b"")), (first, sha(b""))]) == h1_of_lines(lines)


def test_name_that_comes_twice_counts_twice() -> None:
    assert h1_of([("a/", sha(b""))] * 2) != h1_of([("a/", sha(b""))])


def test_newline_in_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="newline"):
        h1_of([("a\nb", sha(b""))])


def test_name_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        h1_of([("\udcff", sha(b""))])


def test_go_mod_is_hashed_under_its_own_name() -> None:
    # A line of a go.sum: golang.org/x/text v0.3.0/go.mod
    data = b"module golang.org/x/text\n"
    assert h1_of_go_mod(data) == "h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ="
