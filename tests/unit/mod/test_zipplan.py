from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, StorageBroken
from modmirror.mod import zipplan
from modmirror.mod.modzip import MAX_LICENSE_BYTES, MAX_MOD_BYTES
from modmirror.mod.path import check_path
from modmirror.mod.tarscan import TarMember
from modmirror.mod.zipplan import Dropped, DropReason, ZipPlan, plan_zip
from modmirror.mod.zipscan import MAX_CONTENT_BYTES

if TYPE_CHECKING:
    from modmirror.mod.tarscan import MemberKind

MODULE = "example.com/plan"
NEW_RULE = b"module example.com/plan\n\ngo 1.24\n"


def plan(*members: TarMember, go_mod: bytes = bytes(1024), inherited: bytes | None = None) -> ZipPlan:
    return plan_zip(check_path(MODULE), "v1.0.0", members, lambda at, n: go_mod[at : at + n], inherited)


def files(*paths: str, size: int = 1) -> list[TarMember]:
    return [TarMember(path, "file", size, 512) for path in paths]


def kept(*paths: str) -> list[str]:
    return [file.path for file in plan(*files(*paths)).files]


def refused(*members: TarMember, inherited: bytes | None = None) -> NotExist:
    with pytest.raises(NotExist) as caught:
        plan(*members, inherited=inherited)
    return caught.value


def test_plan_keeps_the_order_of_the_archive_and_says_what_is_left_out() -> None:
    members = [
        TarMember("z.go", "file", 3, 512),
        TarMember("a.go", "symlink", 0, 1536),
        TarMember("pipe", "other", 0, 2048),
        TarMember("b.go", "file", 5, 2560),
    ]
    assert plan(*members) == ZipPlan(
        "example.com/plan@v1.0.0",
        (members[0], members[3]),
        None,
        (Dropped("a.go", DropReason.SYMLINK), Dropped("pipe", DropReason.IRREGULAR)),
    )


class TestVendorRule:
    MEMBERS = (TarMember("go.mod", "file", len(NEW_RULE), 0), *files("a/vendor/x.go"))

    def test_go_line_of_the_archived_go_mod_decides(self) -> None:
        assert len(plan(*self.MEMBERS, go_mod=NEW_RULE).files) == 2
        assert len(plan(*self.MEMBERS, go_mod=NEW_RULE.replace(b"4", b"3")).files) == 1

    def test_link_named_go_mod_is_not_read(self) -> None:
        link = TarMember("go.mod", "symlink", len(NEW_RULE), 0)
        assert plan(link, *files("a/vendor/x.go"), go_mod=NEW_RULE).files == ()

    def test_go_mod_of_another_directory_does_not_matter(self) -> None:
        nested = TarMember("sub/go.mod", "file", len(NEW_RULE), 0)
        assert plan(nested, *files("a/vendor/x.go"), go_mod=NEW_RULE).files == ()

    def test_archive_that_has_become_shorter_is_a_failure_of_the_store(self) -> None:
        with pytest.raises(StorageBroken):
            plan(*self.MEMBERS, go_mod=NEW_RULE[:-1])


class TestNestedModules:
    def test_directory_of_another_module_is_left_out_with_all_below_it(self) -> None:
        assert kept("a/go.mod", "a/x", "a/b/c/y", "a.go", "a-b/z", "ab/go", "b/a/x") == [
            "a.go",
            "a-b/z",
            "ab/go",
            "b/a/x",
        ]

    def test_modules_within_modules_do_not_bring_files_back(self) -> None:
        assert kept("a/b/go.mod", "a/go.mod", "a/b/x", "a/c", "a/bb/y", "b/c/go.mod", "b/d") == ["b/d"]

    @pytest.mark.parametrize("name", ["GO.MOD", "Go.mod", "go.MOD"])
    def test_case_of_go_mod_does_not_matter(self, name: str) -> None:
        assert kept(f"a/{name}", "a/x", "b/x") == ["b/x"]

    @pytest.mark.parametrize("name", ["xgo.mod", "go.mod.txt", "go.mo", "go.mod/x"])
    def test_other_names_make_no_module(self, name: str) -> None:
        assert len(kept(f"a/{name}", "a/x")) == 2

    @pytest.mark.parametrize("kind", ["symlink", "other"])
    def test_only_a_regular_file_makes_a_module(self, kind: MemberKind) -> None:
        member = TarMember("a/go.mod", kind, 0, 0)
        assert [file.path for file in plan(member, *files("a/x")).files] == ["a/x"]

    def test_module_in_the_root_is_this_one(self) -> None:
        assert kept("go.mod", "x", "a/y") == ["go.mod", "x", "a/y"]


class TestLicence:
    def test_inherited_licence_comes_when_there_is_none(self) -> None:
        planned = plan(*files("x.go"), inherited=b"terms")
        assert (len(planned.files), planned.inherited) == (1, b"terms")

    @pytest.mark.parametrize("kind", ["file", "symlink", "other"])
    def test_anything_of_that_name_keeps_it_away(self, kind: MemberKind) -> None:
        member = TarMember("LICENSE", kind, 0, 0)
        assert plan(member, inherited=b"terms").inherited is None

    @pytest.mark.parametrize("path", ["license", "LICENSE/x"])
    def test_inherited_licence_collides_like_a_file(self, path: str) -> None:
        assert '"LICENSE"' in refused(*files(path), inherited=b"terms").reason

    def test_licence_of_a_subdirectory_is_another(self) -> None:
        assert plan(*files("a/LICENSE"), inherited=b"terms").inherited == b"terms"

    def test_empty_licence_is_inherited_too(self) -> None:
        assert plan(inherited=b"").inherited == b""


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            ("", "the path is not clean"),
            ("a//b", "the path is not clean"),
            ("a/", "the path is not clean"),
            ("/a", "the path is not clean"),
            ("./a", "the path is not clean"),
            ("a/./b", "the path is not clean"),
            ("a/../b", "the path is not clean"),
            ("../a/..", "the path is not clean"),
            ("..", "ends with a dot"),
            ("../a", "ends with a dot"),
            ("a:b", "':' is not allowed"),
            ("a\nb", "is not allowed"),
            ("\udcff", "the name is not UTF-8"),
            ("Go.Mod", "go.mod must be in lower case"),
            ("a/" * 33_000 + "b", "the name is too long"),
        ],
    )
    def test_name_that_no_zip_may_hold_is_refused(self, path: str, problem: str) -> None:
        assert refused(*files(path)).reason.endswith(problem)

    def test_text_names_the_module_the_file_and_what_to_do(self) -> None:
        error = refused(*files("x.go", "aux.go"))
        assert error.reason == (
            "example.com/plan@v1.0.0 has files that no module zip may hold\n"
            '"aux.go": the path element "aux.go" is a reserved name on Windows'
        )
        assert "Rename" in error.hint
        assert "tag a new version" in error.hint

    def test_several_problems_are_told_at_once_but_not_all_of_many(self) -> None:
        reason = refused(*files(*[f"{letter}." for letter in "abcdefg"])).reason
        assert [line.partition(":")[0] for line in reason.splitlines()[1:]] == [
            '"a."',
            '"b."',
            '"c."',
            '"d."',
            "and 3 more",
        ]

    def test_name_is_shown_so_that_it_can_be_read(self) -> None:
        reason = refused(*files("\udcff\n\x1b" + "x" * 9000)).reason
        assert '"\\xff\\n\\x1bxxx' in reason
        assert len(reason) < 500

    @pytest.mark.parametrize("path", ["vendor/x/a:b", "vendor/x/\udcff", "nested/a:b", "nested/con"])
    def test_names_of_files_that_are_dropped_by_their_place_do_not_matter(self, path: str) -> None:
        assert kept(path, "nested/go.mod", "x.go") == ["x.go"]

    def test_path_above_the_root_may_be_dropped_as_well(self) -> None:
        # No tool should archive such a path. It is dropped where the go command drops it.
        assert kept("../vendor/x/y", "../../a/go.mod", "../../a/x", "x.go") == ["x.go"]

    @pytest.mark.parametrize("path", ["a:b", "Go.mod", "X.go"])
    def test_name_of_a_link_must_be_right(self, path: str) -> None:
        assert f'"{path}"' in refused(TarMember(path, "symlink", 0, 0), *files("x.go")).reason

    def test_the_same_name_twice_is_refused(self) -> None:
        assert "comes twice" in refused(*files("x.go", "x.go")).reason


@pytest.mark.matrix("T124")
class TestSizes:
    def test_content_of_just_the_limit_is_allowed(self) -> None:
        half = MAX_CONTENT_BYTES // 2
        assert len(plan(*files("a", "b", size=half)).files) == 2

    def test_content_beyond_the_limit_is_refused(self) -> None:
        error = refused(*files("a", "b", size=MAX_CONTENT_BYTES // 2), *files("c"))
        assert error.reason.startswith(
            "example.com/plan@v1.0.0 is too large: 524288001 bytes, at most 524288000"
        )
        assert "go.mod of its own" in error.hint

    def test_file_that_alone_is_too_large_is_named(self) -> None:
        assert '"a": too large' in refused(*files("a", size=MAX_CONTENT_BYTES + 1)).reason

    def test_dropped_files_may_be_of_any_size(self) -> None:
        large = files("vendor/x/a", "n/go.mod", "n/b", size=1 << 40)
        assert [file.path for file in plan(*large, *files("c")).files] == ["c"]

    @pytest.mark.parametrize(("path", "limit"), [("go.mod", MAX_MOD_BYTES), ("LICENSE", MAX_LICENSE_BYTES)])
    def test_two_files_in_the_root_have_limits_of_their_own(self, path: str, limit: int) -> None:
        assert f'"{path}": too large' in refused(*files(path, size=limit + 1)).reason
        assert len(plan(*files(f"sub/{path}x", size=limit + 1)).files) == 1

    def test_licence_of_just_the_limit_is_allowed(self) -> None:
        assert len(plan(*files("LICENSE", size=MAX_LICENSE_BYTES)).files) == 1

    def test_inherited_licence_has_the_same_limit(self) -> None:
        assert "too large" in refused(inherited=bytes(MAX_LICENSE_BYTES + 1)).reason

    def test_number_of_files_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zipplan, "MAX_ENTRIES", 2)
        assert len(plan(*files("a", "b", "vendor/x/y")).files) == 2
        assert "3 files, at most 2" in refused(*files("a", "b"), inherited=b"").reason

    def test_directory_of_the_zip_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        name = len("example.com/plan@v1.0.0/a") + 46
        monkeypatch.setattr(zipplan, "MAX_DIRECTORY_BYTES", 2 * name)
        assert len(plan(*files("a", "b", "vendor/x/y")).files) == 2
        assert "bytes of file names" in refused(*files("a", "bc")).reason

    def test_longest_name_is_that_of_a_zip(self) -> None:
        room = 65_535 - len("example.com/plan@v1.0.0/")
        long = "\u4e16" * (room // 3) + "x" * (room % 3)
        assert len(plan(*files(long)).files) == 1
        assert "too long" in refused(*files(long + "x")).reason
