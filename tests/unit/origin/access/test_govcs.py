from __future__ import annotations

import pytest

from modmirror.errors import ConfigError, NotExist
from modmirror.origin.access.govcs import DEFAULT_RULES, VcsRule, check_vcs, parse_govcs


def allowed(text: str, vcs: str, root: str = "a.test/m", *, private: bool = False) -> bool:
    try:
        check_vcs(parse_govcs(text), vcs, root, private=private)
    except NotExist:
        return False
    return True


@pytest.mark.matrix("T167")
@pytest.mark.parametrize("vcs", ["git", "hg", "svn", "fossil", "bzr"])
def test_public_modules_are_kept_with_git_or_hg_unless_told_otherwise(vcs: str) -> None:
    assert allowed("", vcs) is (vcs in {"git", "hg"})
    assert allowed("", vcs, private=True)


def test_the_defaults_come_after_what_is_given() -> None:
    rules = parse_govcs("a.test : git | svn , public:none")
    assert rules == (VcsRule("a.test", ("git", "svn")), VcsRule("public", ("none",)), *DEFAULT_RULES)


@pytest.mark.parametrize(
    ("text", "vcs", "root", "private", "expected"),
    [
        ("public:all", "svn", "a.test/m", False, True),
        ("public:off", "git", "a.test/m", False, False),
        ("private:git", "hg", "a.test/m", True, False),
        ("private:git", "hg", "a.test/m", False, True),
        ("a.test:svn", "svn", "a.test/m", False, True),
        ("a.test:svn", "git", "a.test/m", False, False),
        ("a.test:svn", "git", "b.test/m", False, True),
        ("*.corp.test:all,public:none", "git", "git.corp.test/x", False, True),
        ("*.corp.test:all,public:none", "git", "corp.test/x", False, False),
        ("a.test/m:hg,a.test:git", "hg", "a.test/m", False, True),
        ("a.test/m:hg,a.test:git", "git", "a.test/mm", False, True),
    ],
)
def test_the_first_rule_that_matches_decides(
    text: str, vcs: str, root: str, *, private: bool, expected: bool
) -> None:
    assert allowed(text, vcs, root, private=private) is expected


def test_mod_is_always_allowed() -> None:
    assert allowed("public:none", "mod")


def test_a_refusal_says_what_would_allow_it() -> None:
    with pytest.raises(NotExist, match="a.test/m is kept with svn, which is not used for public") as caught:
        check_vcs(parse_govcs(""), "svn", "a.test/m", private=False)
    assert '"a.test/m:svn"' in caught.value.hint


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (",", "an entry is empty"),
        ("public:git,", "an entry is empty"),
        ("git", "has no colon"),
        (":git", "no pattern"),
        ("public:", "an empty name"),
        ("public:git||hg", "an empty name"),
        ("public:git,public:hg", "stands twice"),
        ("./x:git", "relative path"),
        ("..:git", "relative path"),
        ("a.[test:git", "not a valid pattern"),
    ],
)
def test_a_malformed_value_is_a_config_error(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        parse_govcs(text)
    assert caught.value.key == "origin.govcs"
