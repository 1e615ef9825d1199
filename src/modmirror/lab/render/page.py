"""The document as one HTML file that needs nothing else: styles, scripts, data and raw samples are in it.

A content security policy lets only the scripts run whose digests it names, and lets nothing be fetched.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.render.markup import both, escaped, section_markup
from modmirror.lab.report.phrases import Phrase
from modmirror.lab.report.scenarios import CHINESE
from modmirror.lab.report.writing import write_document

if TYPE_CHECKING:
    from modmirror.lab.report.facts import Report
    from modmirror.lab.report.phrases import Language

MAX_RAW_BYTES = 400_000
"""Of packed samples within the page: with the rest it stays under 1.5 MB (lab.md 8.4)."""
_SCRIPTS = ("d3.min.js", "plot.min.js", "charts.js", "page.js")
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_SKIP = Phrase("To the verdict", "跳到结论")
_RAW = Phrase("Raw samples (JSON lines, gzip)", "原始样本（JSON Lines，gzip）")
_LEFT_OUT = Phrase(
    "The raw samples are too large for this page; they are in the run's folder, in samples.jsonl.",
    "原始样本过大，未包含在本页中；请见测量目录中的 samples.jsonl。",
)


def write_page(report: Report, language: Language, samples: bytes = b"") -> str:
    """Return the page. ``samples`` are the run's raw JSON lines, to be kept within."""
    document = write_document(report)
    scripts = [_asset(name) for name in _SCRIPTS]
    shown = "zh" if language == "zh" else "en"
    links = "".join(f'<a href="#{each.key}">{both(each.title)}</a>' for each in document.sections)
    sections = "\n".join(section_markup(section) for section in document.sections)
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="{shown}">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<link rel="icon" href="data:,">',
            f"<title>{escaped(document.title.pick(language))}</title>",
            f"<style>\n{_asset('page.css')}</style>\n</head>\n<body>",
            f'<a class="skip" href="#verdict">{both(_SKIP)}</a>',
            f"<header><h1>{both(document.title)}</h1>{_asset('switches.html')}</header>",
            f'<nav aria-label="sections · 章节">{links}</nav>\n<main>',
            f'<p class="when">{escaped(f"{report.run.started} – {report.run.ended}")}</p>',
            sections,
            _downloads(samples),
            "</main>",
            '<div id="evidence" role="status" aria-live="polite" hidden></div>',
            f'<script type="application/json" id="data">{embedded(report)}</script>',
            f'<script type="application/json" id="scenarios">{embedded(CHINESE)}</script>',
            *(f"<script>{script}</script>" for script in scripts),
            "</body>\n</html>\n",
        ]
    )


def embedded(value: Report | dict[str, str]) -> str:
    """Return a value as JSON that cannot end the script element it stands in."""
    text = msgspec.json.encode(value).decode()
    for letter, spelt in _UNSAFE.items():
        text = text.replace(letter, spelt)
    return text


def _downloads(samples: bytes) -> str:
    if not samples:
        return ""
    packed = gzip.compress(samples, 9, mtime=0)
    if len(packed) > MAX_RAW_BYTES:
        return f'<p class="note">{both(_LEFT_OUT)}</p>'
    data = base64.b64encode(packed).decode()
    return (
        f'<p><a class="download" download="samples.jsonl.gz" href="data:application/gzip;base64,{data}">'
        f"{both(_RAW)}</a></p>"
    )


def _policy(scripts: list[str]) -> str:
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {digests}"


def _asset(name: str) -> str:
    text = files("modmirror.lab.render").joinpath("assets", name).read_text(encoding="utf-8")
    # What a browser hashes has no carriage returns and no end of script within.
    assert "</script" not in text.lower(), name  # noqa: S101  # our own files
    return text.replace("\r\n", "\n")
