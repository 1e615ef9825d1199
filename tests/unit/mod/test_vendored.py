from __future__ import annotations

import pytest

from modmirror.mod.vendored import is_vendored


@pytest.mark.parametrize(
    ("path", "before", "since"),
    [
        ("vendor/x/x.go", True, True),
        ("vendor/x/vendor/y.go", True, True),
        ("pkg/vendor/foo/foo.go", True, True),
        ("vendor/LICENSE", False, False),
        ("vendor/modules.txt", False, True),
        ("vendor/modules.txt/x", True, True),
        ("Vendor/x/x.go", False, False),
        ("vendorx/x/x.go", False, False),
        ("a/vendorx/x/x.go", False, False),
        ("a/xvendor/x/x.go", False, False),
        ("vendor", False, False),
        ("a/vendor", False, False),
        ("p.go", False, False),
        # Where the two rules differ: files directly in a vendor directory that is not at the top.
        ("pkg/vendor/vendor.go", True, False),
        ("pkg/vendor/modules.txt", True, False),
        ("a/b/c/vendor/LICENSE", True, False),
        # Only the first vendor directory counts.
        ("a/vendor/vendor/x.go", True, True),
        ("vendor/vendor/x.go", True, True),
    ],
)
def test_rule_is_that_of_the_go_command_before_and_since_1_24(
    path: str, *, before: bool, since: bool
) -> None:
    assert (is_vendored(path, new_rule=False), is_vendored(path, new_rule=True)) == (before, since)
