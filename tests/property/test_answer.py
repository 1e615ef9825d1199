from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import NotExist, UpstreamTimeout
from modmirror.protocol.answer import MAX_TEXT_BYTES, MAX_TEXT_LINES, answer_for_error

texts = st.text() | st.lists(st.text(st.characters(), min_size=1), max_size=20).map("\n".join)
long_texts = st.builds(
    lambda text, times: text * times, st.text(min_size=1, max_size=5), st.integers(1, 400)
)


@given(texts | long_texts, texts)
def test_every_text_is_shown_whole_by_the_go_command(reason: str, hint: str) -> None:
    for error in (NotExist(reason, hint=hint), UpstreamTimeout("a.example", reason, hint=hint)):
        body = answer_for_error(error).body
        lines = body.decode().split("\n")
        assert lines.pop() == ""
        assert len(body) <= MAX_TEXT_BYTES
        assert len(lines) <= MAX_TEXT_LINES
        assert all(line.strip() for line in lines)
        categories = {unicodedata.category(character) for line in lines for character in line}
        assert not {kind for kind in categories if kind[0] == "C" or kind in {"Zl", "Zp"}}
