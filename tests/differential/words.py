"""What random repositories are made of. A word that stands twice is taken more often."""

from __future__ import annotations

PLACES = ["", "", "", "sub/", "sub/", "v2/", "sub/v2/"]
"""Directories that may be modules."""
PATHS = ["", "/sub", "/v2", "/sub/v2", "/v3", "/none"]
"""Of modules, after the repository's own path."""
PREFIXES = ["", "", "", "", "sub/", "sub/", "v2/", "sub/v2/"]
"""Of tags."""
BRANCHES = ["dev", "dev", "v1.1.0", "release", "v2"]
VERSIONS = """
v0.1.0 v0.1.1-pre v1.0.0 v1.0.0 v1.0.1 v1.1.0 v1.1.0+meta v1.2.0-rc.1 v1.2.0-rc.10
v2.0.0 v2.0.0 v2.1.0-pre v2.1.0 v3.0.0 v10.0.0 v1.3.0+incompatible
v1 v1.5 v01.2.3 1.4.0 V1.6.0 v1.7.0- release v1.0.1-0.20200101000000-abcdefabcdef
""".split()  # noqa: SIM905 - a line a word is no help
"""Names of tags, versions or not."""
NAMES = """
p.go p.go doc.txt crlf.txt id.txt u16.txt lfs.bin LICENSE LICENSE license README .gitignore
vendor/modules.txt vendor/x/x.go vendor/LICENSE vendor/a/vendor/b/c.go Vendor/modules.txt
a/vendor/v.go a/vendor/x/y.go n/go.mod n/n.go n/deep/d.go g/GO.MOD g/g.go d/go.mod/f
.hg_archival.txt 世/界.txt a@b~1+c.txt
""".split()  # noqa: SIM905 - a line a word is no help
BAD_NAMES = ["readme", "aux.go", "a*b/c.go", "dot./x", "e\u0301.txt", "\U0001f600", "GO.mod", "x\udcff"]
"""No zip may hold them; ``readme`` only beside ``README``."""
LINKS = ["LICENSE", "link.go", "vendor", "n/go.mod", "bad*"]
LINK_TARGETS = [b"p.go", b"../COPYING", b"/etc"]
CONTENTS = [b"a\nb\n", b"a\r\nb\r\n", b"x $Id$ y\n", b"$Format:%H$\n", b"", b"h\xc3\xa9\n", b"\xff\xfe\0\n"]
ATTRIBUTES = """
*.txt text eol=crlf
* text=auto
crlf.txt -text
id.txt ident
u16.txt working-tree-encoding=UTF-16LE
p.go export-ignore
vendor export-ignore
*.txt export-subst
go.mod text eol=crlf
sub/** text eol=crlf
LICENSE text eol=crlf
*.bin filter=lfs diff=lfs merge=lfs -text
[attr]odd text eol=crlf
doc.txt odd
""".strip().split("\n")

MODULE_LINES = ["module {}\n"] * 8 + ['module "{}"\n', "module {} // note\n", "module (\n\t{}\n)\n"]
HEADS = [""] * 6 + ["// Deprecated: old\n", "\ufeff// mark\n", "// a\n\n", "// \xe9t\xe9\n"]
GO_LINES = ["", "", "go 1.16\n", "go 1.23\n", "go 1.24\n", "go 1.24rc1\n", "go 1.24-foo\n"]
REST = [
    *[
        "",
        "",
        "",
        "require x.y/z v2.0.0\n",
        "exclude x.y/z v1.0.0\n",
        "this is ( garbage\n",
        "unknown word\n",
    ],
    *["retract [v1.0.0, v1.0.1]\n", "retract v1.1.0 // why\n", "retract (\n\tv2.0.0\n\tv0.1.0\n)\n"],
    *["/* comment */\n", "retract v1.0.0\nretract v1.2.0-rc.1\n", "retract [v1.2.0-rc.1, v2.0.0]\n"],
]
"""Of go.mod files."""
