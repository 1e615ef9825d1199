from __future__ import annotations

import pytest

from modmirror.config import SECTIONS
from modmirror.settings.draft import Draft, add_document, add_environment, variables
from modmirror.settings.toml import parse_document


def from_toml(text: str) -> Draft:
    draft = Draft(SECTIONS)
    add_document(draft, parse_document(text), "f.toml")
    return draft


def from_environment(**environ: str) -> Draft:
    draft = Draft(SECTIONS)
    add_environment(draft, environ)
    return draft


def values(draft: Draft, section: str) -> list[dict[str, object]]:
    return [{key: given.value for key, given in table.items()} for table in draft.tables[section]]


def test_a_file_gives_values_with_file_and_line() -> None:
    draft = from_toml('[server]\nport = 1\n[[route]]\n[[route]]\nfrom = ["x"]\n')
    assert values(draft, "server") == [{"port": 1}]
    assert values(draft, "route") == [{}, {"from": ["x"]}]
    assert draft.tables["route"][1]["from"].source == "f.toml:5"
    assert draft.problems == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("server = 1", "server: expected a table ([server]), got 1 (f.toml:1)"),
        ("[[server]]", "server: expected a table ([server]), got [a table] (f.toml:1)"),
        ("[route]", "route: expected an array of tables ([[route]]), got a table (f.toml:1)"),
        ("route = [1]", "route: expected an array of tables ([[route]]), got [1] (f.toml:1)"),
    ],
)
def test_the_wrong_shape_of_table_is_explained(text: str, problem: str) -> None:
    assert [str(each) for each in from_toml(text).problems] == [problem]


def test_names_that_are_not_ours_are_left_alone() -> None:
    draft = from_environment(PATH="/bin", MODMIRROR_CONFIG="x", MODMIRROR_DEBUG="1", XMODMIRROR_A__B="1")
    assert draft.tables == {}
    assert draft.problems == []


def test_service_links_of_kubernetes_are_no_settings() -> None:
    draft = from_environment(
        MODMIRROR_PORT="tcp://10.0.0.1:80",
        MODMIRROR_SERVICE_HOST="10.0.0.1",
        MODMIRROR_SERVICE_PORT_HTTP="80",
        MODMIRROR_PORT_80_TCP_ADDR="10.0.0.1",
        MODMIRROR_BLUE_SERVICE_PORT="80",
    )
    assert draft.problems == []


def test_variables_that_hold_a_secret_are_no_settings() -> None:
    draft = from_toml('[[credential]]\nbearer_env = "MODMIRROR_TOKEN"\n')
    add_environment(draft, {"MODMIRROR_TOKEN": "s3cret"})
    assert draft.problems == []


def test_a_secret_may_be_named_by_a_variable_too() -> None:
    claimed = {"MODMIRROR_CREDENTIAL__0__BEARER_ENV": "MODMIRROR_A", "MODMIRROR_A": "s3cret"}
    assert from_environment(**claimed).problems == []


def test_tables_are_counted_without_gaps() -> None:
    draft = from_environment(**{f"MODMIRROR_RULE__{number}__MATCH": "x" for number in range(12)})
    assert len(draft.tables["rule"]) == 12
    assert draft.problems == []


@pytest.mark.parametrize("number", ["1", "-1", "01", "x", "\N{SUPERSCRIPT TWO}", "9" * 5000])
def test_a_number_out_of_turn_is_refused(number: str) -> None:
    (problem,) = from_environment(**{f"MODMIRROR_RULE__{number}__MATCH": "x"}).problems
    assert problem.reason == "the next number of rule is 0"


@pytest.mark.parametrize(
    "name", ["MODMIRROR_SERVER__0__PORT", "MODMIRROR_ROUTE__FROM", "MODMIRROR_A__B__C__D"]
)
def test_a_variable_of_the_wrong_shape_is_unknown(name: str) -> None:
    (problem,) = from_environment(**{name: "1"}).problems
    assert (problem.key, problem.reason) == (name, "there is no such variable")


def test_every_key_has_a_variable_that_is_understood() -> None:
    for name in variables(SECTIONS.values()):
        assert from_environment(**{name: "1"}).problems == []
