from __future__ import annotations

from base64 import b64encode

import pytest

from modmirror.errors import BadNote
from modmirror.sumdb.head import TreeHead, open_tree_head, parse_tree_head
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_client import keys_of

ROOT = bytes(range(32))
ROOT_TEXT = b64encode(ROOT).decode()


def test_tree_head_is_read() -> None:
    text = f"go.sum database tree\n16368\n{ROOT_TEXT}\n".encode()
    assert parse_tree_head(text) == TreeHead(16368, ROOT)


def test_further_lines_are_ignored() -> None:
    text = f"go.sum database tree\n7\n{ROOT_TEXT}\nsomething\n\nnew\n".encode()
    assert parse_tree_head(text) == TreeHead(7, ROOT)


def test_largest_size_is_signed_64_bit() -> None:
    text = f"go.sum database tree\n{2**63 - 1}\n{ROOT_TEXT}\n".encode()
    assert parse_tree_head(text).size == 2**63 - 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "go.sum database tree\n",
        f"go.sum database tree\n\n{ROOT_TEXT}\n",
        f"Go.sum database tree\n1\n{ROOT_TEXT}\n",
        f" go.sum database tree\n1\n{ROOT_TEXT}\n",
        f"go.sum database tree\n-1\n{ROOT_TEXT}\n",
        f"go.sum database tree\n+1\n{ROOT_TEXT}\n",
        f"go.sum database tree\n01\n{ROOT_TEXT}\n",
        f"go.sum database tree\n1 \n{ROOT_TEXT}\n",
        f"go.sum database tree\n0x1\n{ROOT_TEXT}\n",
        f"go.sum database tree\n\u0661\n{ROOT_TEXT}\n",
        f"go.sum database tree\n{2**63}\n{ROOT_TEXT}\n",
        f"go.sum database tree\n{'9' * 5000}\n{ROOT_TEXT}\n",
        f"go.sum database tree\n1\n{ROOT_TEXT}",
        f"go.sum database tree\n1\n{ROOT_TEXT[:-1]}\n",
        f"go.sum database tree\n1\n{b64encode(ROOT[:31]).decode()}\n",
        f"go.sum database tree\n1\n{b64encode(ROOT + ROOT).decode()}\n",
    ],
)
def test_malformed_tree_head_is_rejected(text: str) -> None:
    with pytest.raises(BadNote):
        parse_tree_head(text.encode())


def test_opening_checks_the_signature_first() -> None:
    db = FakeSumdb()
    db.pad(3)
    assert open_tree_head(db.note(), keys_of(db)) == TreeHead(3, db.root(3))
    with pytest.raises(BadNote, match="wrong"):
        open_tree_head(db.note().replace(b"\n3\n", b"\n4\n"), keys_of(db))
