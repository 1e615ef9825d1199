"""``modmirror lab``: the table of its verbs. A new one is one file beside this and one row here."""

from __future__ import annotations

from cyclopts import App

from modmirror.cli.verbs import Verb, register

LAB_VERBS = (
    Verb("targets", "modmirror.cli.lab.targets", "List the mirrors that are known, and look at each."),
    Verb("probe", "modmirror.cli.lab.probe", "Show where the time of a request goes, cold and warm."),
    Verb("protocol", "modmirror.cli.lab.protocol", "Examine which parts of the protocol mirrors speak."),
    Verb("coverage", "modmirror.cli.lab.coverage", "Check which modules mirrors have, and if rightly."),
    Verb("freshness", "modmirror.cli.lab.freshness", "Measure how long new versions stay invisible."),
    Verb("bench", "modmirror.cli.lab.bench", "Compare mirrors by latency and speed."),
    Verb("load", "modmirror.cli.lab.load", "Load a server of your own, to its knee."),
    Verb("cache", "modmirror.cli.lab.cache", "Tell what a cache saves."),
    Verb("replay", "modmirror.cli.lab.replay", "Time a whole build from each mirror."),
    Verb("doctor", "modmirror.cli.lab.doctor", "Say whether this machine can measure."),
    Verb("net", "modmirror.cli.lab.net", "Emulate regions with latency, loss and bandwidth."),
    Verb("fault", "modmirror.cli.lab.fault", "Rehearse what happens when the upstream is sick."),
    Verb("simulate", "modmirror.cli.lab.simulate", "Compare policies of routing in virtual time."),
    Verb("study", "modmirror.cli.lab.study", "Measure all that a file asks for, as one run."),
    Verb("demo", "modmirror.cli.lab.demo", "See all of it on this machine, without a network."),
    Verb("report", "modmirror.cli.lab.report", "Tell what a run found, verdict first."),
    Verb("compare", "modmirror.cli.lab.compare", "Name what changed between two runs."),
    Verb("recommend", "modmirror.cli.lab.recommend", "Print the setting that a run speaks for."),
    Verb("watch", "modmirror.cli.lab.watch", "Look at mirrors continuously, for Prometheus."),
)
"""In the order of the help: look, compare, load, rehearse, tell."""

TEACH = """\
Start here:

  modmirror lab targets
  modmirror lab probe https://proxy.golang.org http://127.0.0.1:8080

Mirrors that are not yours are asked at most twice a second, over one
connection, for at most 200 MB a run. Exit code 0 when all went well, 1 when a
threshold was not met, 2 when the run is not to be believed (or the input was
wrong).

镜像实验室：从外部测量任意 GOPROXY 的可用性、完整性、新鲜度、延迟与速度。"""

app = App(name="lab", help="Measure any Go module mirror from outside, honestly.", help_epilogue=TEACH)
register(app, LAB_VERBS)
