from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from modmirror.lab.load.fitness import saturated
from modmirror.lab.report.facts import State
from modmirror.lab.report.phrases import Phrase, same
from modmirror.lab.report.sayings import CHINESE, FLAGS, STATES, in_chinese, said
from modmirror.lab.results.load import LoadStep
from modmirror.lab.run.manifest import FlagName

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEAKERS = (
    "bench.content", "coverage.content", "engine.answer", "engine.attempt",
    "engine.failures", "engine.http1", "engine.tls", "engine.watch", "fault.names", "freshness.looks",
    "health", "net.selftest", "politeness", "protocol.asking", "protocol.database",
    "protocol.documents", "protocol.transport",
)  # fmt: skip
"""Modules of the lab whose sentences are kept in a run and shown in its report."""
SENTENCE = re.compile(r"[A-Za-z'-]+(?:,? [A-Za-z'-]+){2}")
"""Three words in a row."""
ELSEWHERE = {
    "there is no such module version, and yet",  # the beginning of a longer one
    "ca_file 7 cannot be used: 7", "a PEM file", "point it at a PEM file",
    "run it as root, or where users may make namespaces",
    "7 is not declared as yours: it gets no load and no faults",
    "write owned = true beside its url in a file for --targets, if it is",
    "ask for fewer or smaller files, or measure a mirror of your own",
}  # fmt: skip
"""What these modules tell whoever starts a run: no report shows it."""


def sentences(module: str) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings, with ``7`` for what is put in."""
    spec = find_spec(f"modmirror.lab.{module}")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values
            )
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and not {id(node)} & (alone | parts)
        ):
            yield node.value


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("module", SPEAKERS)
def test_every_sentence_that_a_run_keeps_has_its_chinese(module: str) -> None:
    spoken = [text for text in sentences(module) if SENTENCE.search(text)]
    assert spoken
    # A class of failures has a colon and the words of the system after it.
    unknown = [text for text in spoken if not is_chinese(in_chinese(text) + in_chinese(f"{text}: 7"))]
    assert [text for text in unknown if text not in ELSEWHERE] == []


@pytest.mark.parametrize(("cpu", "late"), [(0.9, None), (0.1, 0.5)])
def test_a_generator_that_was_its_own_bottleneck_is_told_in_chinese(cpu: float, late: float | None) -> None:
    flag = saturated(LoadStep(100, 100, 0, {"p50": 0.001}, {}, {}, cpu, lateness_p99=late))
    assert flag is not None
    assert in_chinese(flag.text).startswith("每秒 100 个请求时，")


def test_every_flag_and_every_state_has_its_chinese() -> None:
    assert set(get_args(FlagName)) == FLAGS.keys()
    assert set(get_args(State)) == STATES.keys()


def test_numbers_and_names_stay_where_they_belong() -> None:
    text = "mirror.test was 192.0.2.1 and is now 192.0.2.2; the first address was asked throughout"
    assert said(text) == Phrase(text, "mirror.test 原为 192.0.2.1，现为 192.0.2.2；测量始终使用最初的地址")


def test_a_sentence_within_a_sentence_is_chinese_too() -> None:
    text = "GET …/x/@v/list → no answer: the name does not resolve: Name or service not known"
    assert in_chinese(text) == "GET …/x/@v/list → 没有应答：域名无法解析：域名未知"


def test_joined_sentences_are_chinese_each() -> None:
    text = "cn: round trip 50.0 ms instead of 30 ms; 40.0 Mbit/s instead of 50"
    assert in_chinese(text) == "cn：往返 50.0 毫秒，应为 30 毫秒; 40.0 Mbit/s，应为 50"
    assert in_chinese("info: max-age=60; list: nothing") == "info: max-age=60; list：无"
    assert in_chinese("the last; words; of a server") == "the last; words; of a server"


@pytest.mark.parametrize("text", ["", "teapot", "{0}", "no such page: {}", "it is empty " * 100])
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    assert said(text) == same(text)


def test_a_translation_has_a_place_for_all_that_differs() -> None:
    assert [text for text, chinese in CHINESE.items() if text.count("{}") != chinese.count("{}")] == []


def test_a_long_text_that_nearly_fits_costs_little() -> None:
    assert in_chinese(" was 1 and is now ; the first" * 40_000).startswith(" was")
