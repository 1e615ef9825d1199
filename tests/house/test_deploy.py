"""What ``deploy/`` ships fits the code: metrics, labels, settings and verbs that it names exist."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.cli.docs import render
from modmirror.cli.verbs import VERBS
from modmirror.server.settings import ServerSettings
from modmirror.telemetry.metrics import SPECS
from tests.house.tree import ROOT, name

if TYPE_CHECKING:
    from pathlib import Path

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "modmirror.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "modmirror.json"
UNIT = DEPLOY / "systemd" / "modmirror.service"
CONTAINER = DEPLOY / "Containerfile"
TEXTS = sorted(path for path in DEPLOY.rglob("*") if path.is_file())

LABELS = {
    sample: {*spec.labels, "job", "instance"}
    for spec in SPECS
    for sample in (
        (f"{spec.name}_bucket", f"{spec.name}_sum", f"{spec.name}_count")
        if spec.kind == "histogram"
        else (spec.name,)
    )
}
"""Labels that a selector may name, by the name of what Prometheus stores."""


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return found


def expressions(path: Path) -> list[str]:
    """Return what is asked of Prometheus."""
    if path == DASHBOARD:
        return [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    return [alert.partition("labels:")[0] for alert in alerts()]


def alerts() -> list[str]:
    return re.split(r"^      - alert: ", RULES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("path", [RULES, DASHBOARD], ids=name)
def test_every_metric_and_label_that_is_watched_exists(path: Path) -> None:
    text = "\n".join(expressions(path))
    selectors = re.findall(r"(modproxy_\w+)(?:\{([^}]*)\})?", text)
    assert selectors
    for metric, selector in selectors:
        assert metric in LABELS
        assert set(re.findall(r"(\w+)\s*!?=~?", selector)) <= LABELS[metric], metric
    grouped = {label for group in re.findall(r"by \(([^)]*)\)", text) for label in group.split(", ")}
    assert grouped <= {"le"}.union(*LABELS.values())


def test_every_alarm_and_failure_that_the_mirror_counts_is_watched() -> None:
    watched = "\n".join([*expressions(RULES), *expressions(DASHBOARD)])
    trouble = {spec.name for spec in SPECS if re.search(r"alarm|error|refused|dropped|stale", spec.name)}
    assert {metric for metric in trouble if metric not in watched} == set()


@pytest.mark.parametrize("alert", alerts(), ids=lambda text: text.partition("\n")[0])
def test_an_alert_says_how_bad_it_is_and_what_to_do(alert: str) -> None:
    assert re.search(r"^ +severity: (page|ticket)$", alert, re.MULTILINE)
    assert re.search(r'^ +summary: ".*\$labels\.instance.*"$', alert, re.MULTILINE)
    assert re.search(r'^ +action: ".+\."$', alert, re.MULTILINE)
    assert [page for page in re.findall(r"docs/[\w/-]+\.md", alert) if not (ROOT / page).exists()] == []


def test_panels_of_the_dashboard_have_titles_and_stand_side_by_side() -> None:
    places = sorted(
        (panel["gridPos"]["y"], panel["gridPos"]["x"], panel["gridPos"]["w"]) for panel in panels()
    )
    for (above, left, width), (below, right, _) in pairwise(places):
        assert above < below or left + width <= right
    assert all(panel["title"] for panel in panels())
    assert len({panel["id"] for panel in panels()}) == len(panels())


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_variables_settings_and_verbs_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    settings = render("config.md")
    variables = re.findall(r"MODMIRROR_\w+", text)
    assert [each for each in variables if f"`{each}`" not in settings] == []
    known = set(re.findall(r"^### `([a-z_.]+)`$", settings, re.MULTILINE))
    sections = {key.partition(".")[0] for key in known}
    named = {
        word for word in re.findall(r"\b[a-z]+\.[a-z_]+\b", text) if word.partition(".")[0] in sections
    }
    assert sorted(named - known) == []
    used = set(re.findall(r'(?:bin/|"|; )modmirror ([a-z]+)', text))
    assert used <= {verb.name for verb in VERBS}


def test_the_unit_waits_for_longer_than_the_mirror_takes_to_stop() -> None:
    waits = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    defaults = ServerSettings()
    assert waits
    assert int(waits[1]) > defaults.drain + defaults.shutdown_timeout


def test_the_container_runs_as_nobody_special_and_from_locked_requirements() -> None:
    text = CONTAINER.read_text(encoding="utf-8")
    assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)
    assert "--require-hashes -r requirements/run.txt" in text
