from __future__ import annotations

import pytest

from modmirror.mod.path import check_path
from modmirror.policy.decide import RuleSettings, Verdict, decide, rule_problem

X = check_path("github.com/corp/x")
OTHER = check_path("github.com/other/y")


def test_without_rules_everything_is_allowed() -> None:
    assert decide([], X, "v1.0.0") == Verdict(allowed=True)


@pytest.mark.matrix("T146")
def test_a_denial_names_the_module_version_and_the_reason() -> None:
    rules = [RuleSettings(("github.com/corp",), "deny", "moved to git.corp.example")]
    assert decide(rules, X, "v1.0.0") == Verdict(
        allowed=False, reason="github.com/corp/x@v1.0.0: moved to git.corp.example", rule=0
    )
    assert decide(rules, X, "").reason == "github.com/corp/x: moved to git.corp.example"
    assert decide(rules, OTHER, "v1.0.0") == Verdict(allowed=True)


def test_a_denial_without_a_reason_still_says_something() -> None:
    verdict = decide([RuleSettings(("*",))], X, "")
    assert verdict.reason == "github.com/corp/x: denied by the policy of this mirror"


def test_the_first_rule_that_matches_decides() -> None:
    rules = [
        RuleSettings(("example.com",), "deny"),
        RuleSettings(("github.com/corp/x",), "allow"),
        RuleSettings(("github.com/*",), "deny", "only ours"),
    ]
    assert decide(rules, X, "v1.0.0") == Verdict(allowed=True, rule=1)
    assert decide(rules, OTHER, "v1.0.0").rule == 2


@pytest.mark.parametrize(
    ("version", "allowed"),
    [
        ("v1.2.3", False),
        ("v1.3.0", False),
        ("v1.3.99", False),
        ("v1.2.4", True),
        ("v1.2.3+incompatible", True),
        ("main", True),
        # The list and @latest are about the module, and the module is not denied.
        ("", True),
    ],
)
def test_a_rule_for_versions_leaves_the_others_alone(version: str, *, allowed: bool) -> None:
    rules = [RuleSettings(("github.com/corp/x",), versions=("v1.2.3", "v1.3.*"))]
    assert decide(rules, X, version).allowed is allowed


def test_a_version_pattern_of_one_star_still_passes_lists_by() -> None:
    rules = [RuleSettings(("*",), versions=("*",))]
    assert decide(rules, X, "").allowed
    assert not decide(rules, X, "v1.0.0").allowed


def test_versions_allowed_by_one_rule_escape_the_next() -> None:
    rules = [
        RuleSettings(("github.com/corp",), "allow", versions=("v1.0.0",)),
        RuleSettings(("github.com/corp",), "deny"),
    ]
    assert decide(rules, X, "v1.0.0").allowed
    assert not decide(rules, X, "v1.0.1").allowed
    assert not decide(rules, X, "").allowed


@pytest.mark.parametrize(
    "rule",
    [
        RuleSettings(()),
        RuleSettings(("",)),
        RuleSettings(("/",)),
        RuleSettings((" github.com/corp",)),
        RuleSettings(("github.com/[corp",)),
        RuleSettings(("github.com/corp",), versions=("v1.[",)),
        RuleSettings(("github.com/corp",), versions=("",)),
    ],
)
def test_a_rule_that_could_never_work_as_meant_is_named(rule: RuleSettings) -> None:
    assert rule_problem(rule) != ""


def test_a_sound_rule_has_no_problem() -> None:
    assert rule_problem(RuleSettings(("*.corp.example/", "github.com/a[b-c]"), versions=("v1.*",))) == ""
