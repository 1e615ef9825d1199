"""The three questions on the recorded repositories: answers are those of the real go command."""

from __future__ import annotations

from functools import partial

import pytest

from modmirror.errors import NotExist
from modmirror.origin.ask import ask
from modmirror.origin.resolve.facts import Done, Refused
from modmirror.origin.resolve.questions import revision, versions
from tests.fakes.model_repository import ModelRepository
from tests.fakes.recorded_repositories import PULL_REQUEST, recorded
from tests.fakes.resolving import latest_of, list_of, resolve, site_of, version_of

MAIN = "17a33449699d"
"""Short id of the main branch of u/tags."""
TAGGED = "0712cb6265b7"
"""Short id of its commit with all the tags."""

# --- list ---


@pytest.mark.matrix("T27")
@pytest.mark.matrix("T28")
@pytest.mark.matrix("T31")
@pytest.mark.matrix("T32")
@pytest.mark.matrix("T33")
@pytest.mark.matrix("T34")
@pytest.mark.matrix("T35")
@pytest.mark.matrix("T36")
@pytest.mark.matrix("T41")
@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("tags", "v0.9.0 v0.9.1 v1.0.0 v1.4.0-RC1"),
        ("notag", ""),
        ("ret", "v1.0.0 v1.1.0 v1.2.0"),
        ("inc", "v1.0.0 v2.0.0+incompatible v2.1.0+incompatible v4.0.0+incompatible"),
        ("inc2", "v1.0.0"),
        ("inc/v3", "v3.0.0"),
        ("maj", "v1.0.0"),
        ("maj/v2", "v2.0.0"),
        ("maj/v3", "v3.0.0"),
        ("sd", "v1.0.0"),
        ("sd/a/b", "v1.1.0"),
        ("sd/a/b/v2", "v2.2.0"),
        ("sd/c/v2", "v2.0.0"),
        ("nest/sub", "v1.0.0"),
        ("pre", "v0.1.0-beta v1.0.0-rc.1"),
        ("orph", "v1.0.0"),
        ("nm", "v1.0.0 v1.0.1"),
        ("sl", ""),
    ],
)
async def test_a_list_holds_the_tags_that_are_versions_of_the_module(module: str, expected: str) -> None:
    assert await list_of(module) == expected


@pytest.mark.matrix("T29")
@pytest.mark.matrix("T36")
@pytest.mark.parametrize("module", ["notag/nosuchdir", "sd/c", "sd/a", "maj/v4", "nocommit", "mm/v3"])
async def test_a_module_that_does_not_exist_has_no_list_rather_than_an_empty_one(module: str) -> None:
    with pytest.raises(NotExist):
        await list_of(module)


@pytest.mark.matrix("T37")
async def test_a_list_is_in_the_order_of_versions() -> None:
    repository = ModelRepository()
    made = repository.add({"go.mod": "module github.com/u/order\n"})
    repository.tag(made, "v0.0.10", "v0.0.9", "v1.0.0", "v1.0.0-rc.10", "v1.0.0-rc.2")
    assert await list_of("order", repository) == "v0.0.9 v0.0.10 v1.0.0-rc.2 v1.0.0-rc.10 v1.0.0"


@pytest.mark.matrix("T40")
async def test_a_list_holds_no_pseudo_versions() -> None:
    repository = ModelRepository()
    made = repository.add(
        {"go.mod": "module github.com/u/p\n", "sub/go.mod": "module github.com/u/p/sub\n"}
    )
    pseudo = "v1.0.1-0.20200101000000-abcdefabcdef"
    repository.tag(made, "v1.0.0", pseudo, "sub/v1.0.0", f"sub/{pseudo}")
    assert await list_of("p", repository) == "v1.0.0"
    assert await list_of("p/sub", repository) == "v1.0.0"


# --- revisions ---


@pytest.mark.matrix("T43")
@pytest.mark.matrix("T44")
@pytest.mark.matrix("T45")
@pytest.mark.matrix("T46")
@pytest.mark.matrix("T47")
@pytest.mark.matrix("T49")
@pytest.mark.matrix("T57")
@pytest.mark.matrix("T60")
@pytest.mark.matrix("T61")
@pytest.mark.matrix("T64")
@pytest.mark.matrix("T65")
@pytest.mark.matrix("T66")
@pytest.mark.matrix("T68")
@pytest.mark.matrix("T69")
@pytest.mark.matrix("T70")
@pytest.mark.matrix("T71")
@pytest.mark.matrix("T74")
@pytest.mark.matrix("T76")
@pytest.mark.matrix("T78")
@pytest.mark.matrix("T79")
@pytest.mark.parametrize(
    ("module", "query", "version"),
    [
        ("plain", "v1.0.0", "v1.0.0"),
        ("plain", "main", "v1.0.1-0.20200102000000-5d69519d8d2a"),
        ("notag", "main", "v0.0.0-20200101000000-2c4e4241dbf5"),
        ("pre", "main", "v1.0.0-rc.1.0.20200102000000-87b3051b89ad"),
        *(
            ("tags", query, f"v1.11.1-0.20200102000000-{MAIN}")
            for query in ("main", "feat", "HEAD", "17a3344", "17a33449699dd1e8beb5059a48632f064e705a89")
        ),
        ("tags", "side", "v1.11.1-0.20200103000000-c39826bb0110"),
        *(
            ("tags", query, "v1.4.0-RC1")
            for query in ("v1.3.0+meta", "1.7.0", "V1.12.0", "release-v1.15.0", "v1.13.0-alpha_1", TAGGED)
        ),
        ("tags", "v1.4.0-RC1", "v1.4.0-RC1"),
        *(
            ("tags", version, version)
            for version in (
                f"v0.0.0-20200101000000-{TAGGED}",
                f"v0.0.0-20200102000000-{MAIN}",
                f"v1.0.1-0.20200102000000-{MAIN}",
                f"v1.3.1-0.20200102000000-{MAIN}",
                f"v1.4.0-RC1.0.20200102000000-{MAIN}",
                f"v1.9.0-beta.0.20200102000000-{MAIN}",
            )
        ),
        ("orph", "v1.0.0", "v1.0.0"),
        ("orph", "main", "v0.0.0-20200101000000-b4318ec0fc38"),
        ("nm", "both", "v1.0.1"),
        ("nm", "v1.0.1", "v1.0.1"),
        ("nm", "main", "v1.0.2-0.20200102000000-a29c5d1a1431"),
        ("ret", "e28cba1f0af0", "v1.0.1-0.20200102000000-e28cba1f0af0"),
        ("ret", "5a20238abff8", "v1.0.1-0.20200103000000-5a20238abff8"),
        ("ret", "main", "v1.0.1-0.20200104000000-a7bda4df1b8a"),
        ("ret", "v1.1.0", "v1.1.0"),
        ("reta", "main", "v0.0.0-20200103000000-12a3007feeb6"),
        ("inc", "v2.0.0", "v2.0.0+incompatible"),
        ("inc", "v2.0.0+incompatible", "v2.0.0+incompatible"),
        ("inc", "da291725654d", "v2.1.0+incompatible"),
        ("inc", "main", "v4.0.0+incompatible"),
        ("inc2", "v2.0.0", "v2.0.0+incompatible"),
        ("inc2", "main", "v2.0.0+incompatible"),
        ("maj", "main", "v1.0.1-0.20200102000000-ec05a55c626c"),
        ("maj/v2", "main", "v2.0.0"),
        ("maj/v3", "v3br", "v3.0.0"),
        ("sd/a/b", "main", "v1.1.0"),
        ("sd/c/v2", "v2.0.0", "v2.0.0"),
        ("mm", "v1.0.0", "v1.0.0"),
        ("mm2/v2", "v2.0.0", "v2.0.0"),
        ("gb", "v1.0.0", "v1.0.0"),
        ("sl", "feature/x", "v0.0.0-20200102000000-435808ded3a2"),
        ("sl", "rel/v1.0.0", "v0.0.0-20200102000000-435808ded3a2"),
        ("tm2", "main", "v0.0.0-21000101000000-779bbb3ae4c3"),
        ("up", "v1.0.0", "v1.0.0"),
    ],
)
async def test_a_revision_resolves_as_the_go_command_resolves_it(
    module: str, query: str, version: str
) -> None:
    assert await version_of(module, query) == version


@pytest.mark.matrix("T24")
@pytest.mark.matrix("T48")
@pytest.mark.matrix("T50")
@pytest.mark.matrix("T51")
@pytest.mark.matrix("T52")
@pytest.mark.matrix("T53")
@pytest.mark.matrix("T54")
@pytest.mark.matrix("T55")
@pytest.mark.matrix("T56")
@pytest.mark.matrix("T58")
@pytest.mark.matrix("T59")
@pytest.mark.matrix("T63")
@pytest.mark.matrix("T69")
@pytest.mark.matrix("T71")
@pytest.mark.matrix("T72")
@pytest.mark.matrix("T75")
@pytest.mark.matrix("T77")
@pytest.mark.matrix("T98")
@pytest.mark.parametrize(
    ("module", "query", "reason"),
    [
        ("tags", "17a334", "unknown revision"),
        ("tags", "17A33449699DD1E8BEB5059A48632F064E705A89", "unknown revision"),
        ("tags", "v1.3.0", "unknown revision"),
        ("tags", "v1.9.0-beta", "unknown revision"),
        ("tags", "v1.11.0", "unknown revision"),
        ("tags", "v1.11.0+incompatible", "unknown revision v1.11.0"),
        ("tags", "v1.20.0", "v1.20.0 is not a tag"),
        ("tags", "v2.0.0", "must end in the major version"),
        ("tags", "v2.0.0+incompatible", "must end in the major version"),
        *(
            ("tags", odd, "unknown revision")
            for odd in ("-x", "/x", "a:b", "HEAD~1", "v1^{}", "@{0}", ":/f", "")
        ),
        ("tags", "v1.10.0-0.20200101000000-abcdefabcdef", "unknown revision abcdefabcdef"),
        ("tags", f"v1.0.1-0.20200102000001-{MAIN}", "another time, 20200102000000"),
        (
            "tags",
            f"v1.0.1-0.20200102000000-{MAIN[:-1]}",
            f"is shorter than the 12 digits of the commit, {MAIN}",
        ),
        ("tags", f"v1.0.1-0.20200102000000-{MAIN}d", f"is longer than the 12 digits of the commit, {MAIN}"),
        ("tags", f"v1.0.2-0.20200102000000-{MAIN}", "no tag v1.0.1 before it"),
        ("tags", f"v1.4.0-RC2.0.20200102000000-{MAIN}", "no tag v1.4.0-RC2 before it"),
        ("tags", f"v1.0.1-0.20200101000000-{TAGGED}", "bears the tag v1.0.0 itself"),
        ("tags", f"v1.0.0-20200102000000-{MAIN}", "must be v0, not v1"),
        ("tags", f"v1.0.0-0.20200102000000-{MAIN}", "negative patch number"),
        ("tags", f"v2.0.1-0.20200102000000-{MAIN}", "must end in the major version"),
        ("tags", f"v2.0.1-0.20200102000000-{MAIN}+incompatible", "must end in the major version"),
        ("pr", PULL_REQUEST, "unknown revision"),
        ("pr", f"v1.0.1-0.20200102000000-{PULL_REQUEST[:12]}", "unknown revision"),
        ("pr", "refs/pull/1/head", "unknown revision"),
        ("inc", "v1.0.0+incompatible", "+incompatible is not allowed"),
        ("inc", "v3.0.0+incompatible", "another major version"),
        ("maj/v3", "main", "another major version, and there is no v3/go.mod"),
        ("maj/v2", "v2.5.0", "unknown revision v2.5.0"),
        ("sd/a/b", "v1.0.0", "unknown revision a/b/v1.0.0"),
        ("mm/v2", "v2.0.0", "another major version, and there is no v2/go.mod"),
        ("mm2", "v1.0.0", "another major version"),
        ("symgm", "v1.0.0", "missing its module path"),
        ("nm", "v1.0.2", "is no commit"),
        ("notag/nosuchdir", "main", "there is no nosuchdir/go.mod"),
        ("nocommit", "HEAD", "unknown revision HEAD"),
    ],
)
async def test_a_revision_that_is_none_is_refused_with_its_reason(
    module: str, query: str, reason: str
) -> None:
    with pytest.raises(NotExist) as refusal:
        await resolve(module, query)
    assert reason in refusal.value.reason
    assert refusal.value.reason.startswith(f"github.com/u/{module}@")


@pytest.mark.matrix("T63")
async def test_no_part_of_a_revision_but_hexadecimal_digits_reaches_the_repository() -> None:
    repository = recorded("tags")
    for query in ("-x", "--upload-pack=x", "HEAD~1", "v1^{}", "ext::sh", "refs/pull/1/head", "abcdef0; x"):
        with pytest.raises(NotExist):
            await resolve("tags", query, repository)
    assert set(repository.asked) == {("refs",)}


# --- go.mod and directories ---


@pytest.mark.matrix("T94")
@pytest.mark.matrix("T95")
@pytest.mark.matrix("T97")
@pytest.mark.parametrize(
    ("module", "version", "go_mod"),
    [
        ("plain", "v1.0.0", b"module github.com/u/plain\n"),
        ("inc", "v2.1.0+incompatible", b"module github.com/u/inc\n"),
        ("up", "v1.0.0", b"module github.com/u/up\n"),
        ("mm", "v1.0.0", b"module other.com/x\n"),
        ("gb", "v1.0.0", b"module github.com/u/gb\n\nthis is ( garbage\n"),
        ("sd/a/b/v2", "v2.2.0", b"module github.com/u/sd/a/b/v2\n"),
    ],
)
async def test_the_go_mod_is_the_stored_one_or_made_up(module: str, version: str, go_mod: bytes) -> None:
    assert (await resolve(module, version)).go_mod == go_mod


@pytest.mark.matrix("T96")
async def test_a_go_mod_is_never_changed() -> None:
    data = b"\xef\xbb\xbf// comment \xff\r\nmodule github.com/u/x\r\n\r\n"
    repository = ModelRepository()
    repository.tag(repository.add({"go.mod": data}), "v1.0.0")
    assert (await resolve("x", "v1.0.0", repository)).go_mod == data


@pytest.mark.parametrize(
    ("module", "query", "directory", "subdir", "ref"),
    [
        ("plain", "v1.0.0", "", "", "refs/tags/v1.0.0"),
        ("plain", "main", "", "", ""),
        ("tags", "1.7.0", "", "", "refs/tags/v1.4.0-RC1"),
        ("inc", "da291725654d", "", "", "refs/tags/v2.1.0"),
        ("maj/v2", "main", "v2", "", "refs/tags/v2.0.0"),
        ("maj/v3", "v3.0.0", "", "", "refs/tags/v3.0.0"),
        ("sd/a/b", "v1.1.0", "a/b", "a/b", "refs/tags/a/b/v1.1.0"),
        ("sd/a/b/v2", "v2.2.0", "a/b/v2", "a/b", "refs/tags/a/b/v2.2.0"),
        ("sd/c/v2", "v2.0.0", "c", "c", "refs/tags/c/v2.0.0"),
    ],
)
async def test_a_version_knows_its_directory_and_its_tag(
    module: str, query: str, directory: str, subdir: str, ref: str
) -> None:
    resolved = await resolve(module, query)
    assert (resolved.directory, resolved.subdir, resolved.ref) == (directory, subdir, ref)


# --- @latest ---


@pytest.mark.matrix("T82")
@pytest.mark.matrix("T83")
@pytest.mark.matrix("T84")
@pytest.mark.matrix("T85")
@pytest.mark.matrix("T86")
@pytest.mark.matrix("T87")
@pytest.mark.parametrize(
    ("module", "version"),
    [
        ("tags", "v1.0.0"),
        ("pre", "v1.0.0-rc.1"),
        ("notag", "v0.0.0-20200101000000-2c4e4241dbf5"),
        ("ret", "v1.0.0"),
        ("reta", "v0.0.0-20200103000000-12a3007feeb6"),
        ("inc", "v4.0.0+incompatible"),
        ("inc2", "v1.0.0"),
        ("inc/v3", "v3.0.0"),
        ("orph", "v1.0.0"),
        ("nm", "v1.0.1"),
        ("sd/a/b/v2", "v2.2.0"),
    ],
)
async def test_the_latest_version_is_the_one_the_go_command_takes(module: str, version: str) -> None:
    assert await latest_of(module) == version


@pytest.mark.matrix("T88")
@pytest.mark.matrix("T89")
@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("nocommit", "no commits"),
        ("maj/v4", "another major version"),
        ("sd/c", "another major version"),
        ("sd/a", "there is no a/go.mod"),
        ("mm2", "another major version"),
    ],
)
async def test_where_nothing_resolves_there_is_no_latest_version(module: str, reason: str) -> None:
    with pytest.raises(NotExist, match=reason):
        await latest_of(module)


async def test_a_compatible_module_keeps_incompatible_versions_from_being_latest() -> None:
    # The newest compatible version has no go.mod, so v2.0.0+incompatible is listed. It retracts nothing
    # that is newest, but v1.0.0, which has a go.mod and is the last release, takes v1.1.0-pre back.
    repository = ModelRepository()
    go_mod = "module github.com/u/mix\n\nretract v1.1.0-pre\n"
    repository.tag(repository.add({"go.mod": go_mod}), "v1.0.0")
    repository.tag(repository.add({"go.mod": None}), "v1.1.0-pre", "v2.0.0-pre")
    assert await list_of("mix", repository) == "v1.0.0 v1.1.0-pre v2.0.0-pre+incompatible"
    assert await latest_of("mix", repository) == "v1.0.0"


async def test_head_is_the_default_branch_even_where_a_tag_is_called_so() -> None:
    repository = ModelRepository()
    one = repository.add({"go.mod": "module github.com/u/h\n"}, at="2020-01-01T00:00:00Z")
    two = repository.add({"f": "2"}, at="2020-01-02T00:00:00Z")
    repository.tag(one, "HEAD")
    assert await latest_of("h", repository) == f"v0.0.0-20200102000000-{two[:12]}"
    assert await version_of("h", "HEAD", repository) == f"v0.0.0-20200101000000-{one[:12]}"


# --- economy and explanations ---


async def test_the_history_is_not_asked_for_where_no_tag_could_count() -> None:
    for name in ("notag", "sl", "inc"):
        repository = recorded(name)
        await version_of(name, "main", repository)
        assert "tags_before" not in {question[0] for question in repository.asked}


async def test_a_tagged_version_takes_its_commit_and_its_go_mod_only() -> None:
    repository = recorded("tags")
    await version_of("tags", "v1.4.0-RC1", repository)
    assert [question[0] for question in repository.asked] == ["refs", "commit", "read"]


async def test_a_list_without_old_majors_looks_at_its_newest_tags_only() -> None:
    repository = recorded("tags")
    repository.tags = {
        name: commit for name, commit in repository.tags.items() if not name.startswith("v2")
    }
    await list_of("tags", repository)
    assert [question[0] for question in repository.asked] == ["refs", "commit"]


async def test_the_steps_to_an_answer_can_be_read() -> None:
    repository = recorded("tags")
    done = await ask(repository, partial(revision, site_of("tags"), "main"))
    assert isinstance(done, Done)
    assert done.trail == (
        f"main is the branch main: commit {repository.branches['main']} of 2020-01-02 00:00:00 UTC",
        "it comes after v1.11.0",
        "version v1.11.1-0.20200102000000-17a33449699d: the root of the repository has its go.mod",
    )


async def test_the_steps_to_a_refusal_can_be_read() -> None:
    refused = await ask(recorded("sd"), partial(versions, site_of("sd/a")))
    assert isinstance(refused, Refused)
    assert refused.trail == (
        "no tag is a version of the module: does it exist at HEAD?",
        "HEAD is commit 0ec0b62caaec688580c4709f0a3a51da5c991bb1",
        "no version that counts is tagged on it or before it",
    )
    assert refused.error.hint == (
        "a directory without a go.mod belongs to the module around it: a package of github.com/u/sd?"
    )
