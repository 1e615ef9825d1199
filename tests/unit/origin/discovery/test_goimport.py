from __future__ import annotations

import pytest

from modmirror.errors import NotExist
from modmirror.origin.discovery.goimport import (
    GoImport,
    check_go_import,
    parse_go_imports,
    select_go_import,
)

M = GoImport("a.test/m", "git", "https://git.test/m")
CONTENT = "a.test/m git https://git.test/m"


@pytest.mark.matrix("T156")
@pytest.mark.parametrize(
    "page",
    [
        f'<head><meta name="go-import" content="{CONTENT}"></head>',
        f"<head><meta name='go-import' content='{CONTENT}'/></head>",
        f"<head><meta name=go-import content='{CONTENT}'></head>",
        f"<meta content='{CONTENT}' name=go-import>",
        f"<title>x</title><link rel=x href=y><meta charset=utf-8><meta name=go-import content='{CONTENT}'>",
        f"<meta name=go-import property=og content='{CONTENT}' content='other git https://x'>",
        f'<?xml version="1.0" encoding="UTF-8"?><meta name="go-import" content="{CONTENT}">',
        f"<!DOCTYPE html>\ufeff\n<html lang=en>\n<meta name=go-import content='{CONTENT}'>",
        f"text < 3 &amp; <<b><meta/name='go-import'/content='{CONTENT}'/>",
    ],
)
def test_a_tag_is_found_however_it_is_quoted(page: str) -> None:
    assert parse_go_imports(page.encode()) == (M,)


@pytest.mark.matrix("T157")
def test_case_of_names_and_blanks_in_the_content_do_not_matter() -> None:
    page = "<HEAD><META NAME=go-import CONTENT='\n a.test/m\tgit\r\n https://git.test/m\n'></HEAD>"
    assert parse_go_imports(page.encode()) == (M,)


def test_an_entity_in_the_content_is_read() -> None:
    page = b"<meta name=go-import content='a.test&#x2f;m git https://git.test/m'>"
    assert parse_go_imports(page) == (M,)


@pytest.mark.matrix("T158")
@pytest.mark.parametrize(
    "page",
    [
        f"<meta name=GO-IMPORT content='{CONTENT}'>",
        f"<head></head><meta name=go-import content='{CONTENT}'>",
        f"<head><body><meta name=go-import content='{CONTENT}'>",
        f"<HEAD></HEAD ><meta name=go-import content='{CONTENT}'>",
        "<meta name=go-import content='a.test/m git https://git.test/m sub more'>",
        "<meta name=go-import content='a.test/m git'>",
        "<meta name=go-import>",
        f"<metadata name=go-import content='{CONTENT}'>",
        f"<meta name=go-source content='{CONTENT}'>",
        f"<meta name=go-import content='{CONTENT}",
        f"<meta name=go-import content='{CONTENT}'",
        "",
        "\x00\xff",
    ],
)
def test_what_is_no_tag_of_the_head_is_not_found(page: str) -> None:
    assert parse_go_imports(page.encode("latin-1")) == ()


@pytest.mark.matrix("T159")
@pytest.mark.parametrize(
    "hiding",
    [
        "<!-- {} -->",
        "<!--> {} -->",
        "<!-- -- > {} -->",
        "<script>if (a<b) '{}'</script>",
        "<SCRIPT type=x>{}</ScRiPt>",
        "<style>{}</style>",
        "<title>{}</title>",
        "<textarea>{}</textarea>",
        "<![CDATA[ <x> {} ]]>",
        "<?php echo '<x>{}' ?>",
        "<meta title='{}'>",
    ],
)
def test_a_hidden_tag_is_not_seen_and_the_real_one_is(hiding: str) -> None:
    false = '<meta name="go-import" content="a.test/m git https://evil.test/m">'
    page = f"<head>{hiding.format(false)}<meta name=go-import content='{CONTENT}'></head>"
    assert parse_go_imports(page.encode()) == (M,)


@pytest.mark.parametrize("opening", ["<!-- ", "<script>", "<?", "<![CDATA[", "<!DOCTYPE ", "<meta x='"])
def test_what_is_never_closed_hides_the_rest(opening: str) -> None:
    assert parse_go_imports(f"<head>{opening}".encode()) == ()


@pytest.mark.matrix("T163")
def test_mod_comes_first_and_hides_other_tags_of_its_prefix() -> None:
    page = (
        f"<meta name=go-import content='{CONTENT}'>"
        "<meta name=go-import content='a.test git https://git.test/all'>"
        "<meta name=go-import content='a.test/m mod https://mod.test/base'>"
    )
    mod = GoImport("a.test/m", "mod", "https://mod.test/base")
    tags = parse_go_imports(page.encode())
    assert tags == (mod, GoImport("a.test", "git", "https://git.test/all"))
    assert select_go_import(tags, "a.test/m/sub") == mod


@pytest.mark.matrix("T164")
def test_a_fourth_field_is_the_sub_directory() -> None:
    page = b"<meta name=go-import content='a.test/m git https://git.test/m sub/deep'>"
    (found,) = parse_go_imports(page)
    assert found == GoImport("a.test/m", "git", "https://git.test/m", "sub/deep")
    check_go_import(found)


@pytest.mark.matrix("T169")
@pytest.mark.parametrize("charset", ["iso-8859-1", "UTF-16", "utf-7", ""])
def test_another_charset_is_refused(charset: str) -> None:
    page = f"<?xml version='1.0' encoding='{charset}'?><meta name=go-import content='{CONTENT}'>"
    with pytest.raises(ValueError, match=f'"{charset.lower()}" instead of UTF-8'):
        parse_go_imports(page.encode())


@pytest.mark.parametrize("path", ["a.test/m", "a.test/m/sub", "a.test/m/v2"])
def test_a_tag_is_for_its_prefix_and_what_is_below(path: str) -> None:
    assert select_go_import((M,), path) == M


@pytest.mark.parametrize("path", ["a.test/mm", "a.test", "a.test/M", "b.test/m"])
def test_a_tag_is_for_nothing_else(path: str) -> None:
    with pytest.raises(NotExist, match="no go-import tag for it but for a.test/m") as caught:
        select_go_import((M,), path)
    assert f'content="{path} git https://..."' in caught.value.hint


def test_no_tag_at_all_is_said_so() -> None:
    with pytest.raises(NotExist, match="has no go-import tag for it$"):
        select_go_import((), "a.test/m")


@pytest.mark.matrix("T162")
@pytest.mark.parametrize(
    "tags",
    [
        (M, M),
        (M, GoImport("a.test", "git", "https://git.test/all")),
        (GoImport("a.test/m", "mod", "https://x"), GoImport("a.test", "mod", "https://y")),
    ],
)
def test_two_tags_for_a_path_are_one_too_many_even_when_they_are_the_same(
    tags: tuple[GoImport, ...],
) -> None:
    with pytest.raises(NotExist, match="several go-import tags"):
        select_go_import(tags, "a.test/m")


@pytest.mark.matrix("T167")
def test_an_unknown_system_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(NotExist, match='"bzr", which is not known here') as caught:
        check_go_import(GoImport("a.test/m", "bzr", "https://x"))
    assert "git, hg, svn, fossil or mod" in caught.value.hint


@pytest.mark.parametrize(
    "subdir", ["/abs", "-x", "..", "a/../b", "a//b", "a/", "./a", ".git", "a/.git", "a:b", ":(glob)*", "a*"]
)
def test_a_sub_directory_that_could_leave_the_repository_is_refused(subdir: str) -> None:
    with pytest.raises(NotExist, match="sub-directory"):
        check_go_import(GoImport("a.test/m", "git", "https://x", subdir))


def test_a_module_proxy_has_no_sub_directory() -> None:
    with pytest.raises(NotExist, match="a module proxy has none"):
        check_go_import(GoImport("a.test/m", "mod", "https://x", "sub"))
