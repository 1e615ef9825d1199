"""``python -m tests.corpus build [DIR]``: make the corpus of real modules and say what it holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.corpus.build import DEFAULT_DIRECTORY, ensure
from tests.corpus.packages import CorpusUnavailable


def main() -> int:
    """Build, print a summary, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("action", choices=["build"])
    parser.add_argument("directory", nargs="?", type=Path, default=DEFAULT_DIRECTORY)
    arguments = parser.parse_args()
    try:
        corpus = ensure(arguments.directory.resolve())
    except CorpusUnavailable as unavailable:
        sys.stderr.write(f"no corpus: {unavailable}\n")
        return 2
    total = sum(module.zip_bytes for module in corpus.modules)
    sys.stdout.write(
        f"{len(corpus.modules)} modules ({total / 1e6:.0f} MB of zips), "
        f"{len(corpus.programs)} programs that build, {len(corpus.left_out)} left out\n"
        f"GOPROXY=file://{corpus.tree} GOFLAGS=-mod=mod GONOSUMDB=* GOTOOLCHAIN=local\n"
    )
    for program in corpus.left_out:
        sys.stdout.write(f"  left out: {program.package}: {program.reason}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
