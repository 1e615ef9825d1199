"""The docs say what the code does: pages are up to date, examples work, links lead somewhere."""

from __future__ import annotations

import ast
import itertools
import re
import shlex
import tomllib
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.docs import PAGES, render
from modmirror.cli.reference.commands import help_text
from modmirror.cli.verbs import VERBS, build_app
from modmirror.config import load_config
from modmirror.lab.study.config import read_study
from modmirror.protocol.answer import answer_for_error
from modmirror.protocol.target import Kind, SumdbKind
from modmirror.proxy.served import CacheState
from tests.house.tree import ROOT, SRC, modules, name, parsed

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
HTTP = (DOCS / "reference" / "http.md").read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_reference_page_is_what_the_code_says(page: str) -> None:
    written = (DOCS / "reference" / page).read_text(encoding="utf-8")
    assert written == render(page), "run: make docs"


def test_the_help_in_the_readme_is_the_help() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"<!-- help -->\n```text\n{help_text(())}\n```\n" in text


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_files_of_the_code_that_are_named_exist(path: Path) -> None:
    named = re.findall(r"\b(?:[a-z_0-9]+/)+[a-z_0-9]+\.py\b", path.read_text(encoding="utf-8"))
    assert [file for file in named if not any((place / file).exists() for place in (ROOT, SRC))] == []


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_examples_of_settings_are_right(path: Path, tmp_path: Path) -> None:
    for number, text in enumerate(blocks(path, "toml")):
        file = tmp_path / f"{number}.toml"
        # The files and directories that an example speaks of are not there.
        there = re.sub(r'"/(run|srv)/[\w./-]*\.pem"', f'"{file}"', text)
        file.write_text(re.sub(r'"/(run|srv)/[\w./-]*"', f'"{tmp_path}/x"', there), encoding="utf-8")
        document = tomllib.loads(text)
        if "study" in document:
            assert read_study(file, {}).file == file
            continue
        secrets = {
            value: "secret"
            for table in (*document.get("credential", []), *document.get("access", []))
            for key, value in table.items()
            if key.endswith("_env")
        }
        assert load_config(environ=secrets, file=file).file == file


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_examples_use_verbs_that_exist(path: Path) -> None:
    used = {
        verb
        for block in (*blocks(path, "sh"), *blocks(path, "text"))
        for verb in re.findall(r"^\s*modmirror ([a-z]+)", block, re.MULTILINE)
    }
    assert used <= {verb.name for verb in VERBS}


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_examples_have_arguments_that_their_verbs_take(path: Path) -> None:
    app = build_app(str)
    for block in blocks(path, "sh"):
        for line in re.findall(r"^\s*(?:\S*/)?modmirror (.*)$", block, re.MULTILINE):
            words = shlex.split(re.sub(r"\$\([^)]*\)", "FILE", line), comments=True)
            own = itertools.takewhile(lambda word: word not in {">", "|", "&&"}, words)
            app.parse_args(list(own), exit_on_error=False, print_error=False)


def test_make_targets_in_the_texts_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for path in TEXTS:
        block_lines = "\n".join(blocks(path, "sh"))
        assert set(re.findall(r"^make ([a-z-]+)", block_lines, re.MULTILINE)) <= targets


@pytest.mark.parametrize("word", [*Kind, *SumdbKind, *CacheState], ids=str)
def test_every_kind_and_cache_state_has_a_row(word: str) -> None:
    assert f"| `{word}` |" in HTTP


def test_every_header_that_is_sent_has_a_row() -> None:
    # Headers are pairs of bytes in the edge, names in lower case.
    sent = {
        node.elts[0].value.decode()
        for path in modules(SRC / "server")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Tuple)
        and len(node.elts) == 2
        and isinstance(node.elts[0], ast.Constant)
        and isinstance(node.elts[0].value, bytes)
        and re.fullmatch(rb"[a-z]+(-[a-z]+)*", node.elts[0].value)
    }
    told = {header.lower() for header in re.findall(r"`([A-Z][A-Za-z-]+)`", HTTP)}
    plumbing = {"content-type", "content-range", "content-encoding", "connection", "transfer-encoding"}
    plumbing |= {"date", "server", "allow", "http"}  # the last is a scheme in a pair with https
    assert {"etag", "age", "warning"} <= sent
    assert sorted(sent - told - plumbing) == []


def test_every_page_of_the_mirror_itself_has_a_row() -> None:
    text = (SRC / "server" / "ops.py").read_text(encoding="utf-8")
    pages = set(re.findall(r'b"(/[a-z.]*)": self\.', text))
    assert {"/", "/metrics", "/readyz"} <= pages
    assert [page for page in sorted(pages) if f"`{page}`" not in HTTP] == []


def test_every_setting_named_in_the_texts_exists() -> None:
    known = set(re.findall(r"^### `([a-z_.]+)`$", render("config.md"), re.MULTILINE))
    sections = {key.partition(".")[0] for key in known}
    for path in TEXTS:
        found = re.findall(r"`([a-z]+\.[a-z_]+)`", path.read_text(encoding="utf-8"))
        named = {word for word in found if word.partition(".")[0] in sections and not word.endswith(".py")}
        assert sorted(named - known) == [], path


def test_every_decision_is_listed() -> None:
    records = {path.name for path in (DOCS / "adr").glob("[0-9]*.md")}
    listed = set(re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (DOCS / "adr" / "README.md").read_text()))
    assert records == listed
    numbers = sorted(int(record[:4]) for record in records)
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[>=<]", each)[0] for each in project["dependencies"]}
    reasons = (DOCS / "adr" / "0008-libraries.md").read_text(encoding="utf-8")
    rows = {
        word.strip()
        for row in re.findall(r"^\| ([^|]+) \|", reasons, re.MULTILINE)
        for word in row.split(",")
    }
    assert sorted(names - rows) == []


def test_a_bug_answers_as_the_page_says() -> None:
    answer = answer_for_error(ZeroDivisionError("secret detail"))
    assert (answer.status, answer.body) == (500, b"internal error\n")
