"""What would happen now if somebody asked for a module version, and why. Asks nobody, changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import Error, InvalidTarget
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path
from modmirror.protocol.chain import DIRECT, OFF
from modmirror.routing.plan import Question
from modmirror.storage.port import BlobKey

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath
    from modmirror.proxy.journey import Chain
    from modmirror.proxy.routes import Route
    from modmirror.proxy.serve import Mirror
    from modmirror.storage.port import Extension

_EXTENSIONS: tuple[Extension, ...] = ("info", "mod", "zip")


async def forecast(mirror: Mirror, text: str) -> dict[str, object]:
    """Tell it for ``MODULE`` or ``MODULE@VERSION``, unescaped."""
    path, _, version = text.partition("@")
    try:
        module = check_path(path)
        escape_version(version or "latest")
    except InvalidTarget as error:
        return {"module": path, "version": version, "then": f"refused: {error.reason}"}
    told: dict[str, object] = {"module": module, "version": version}
    verdict = mirror.decide(module, version)
    told["policy"] = {"allowed": verdict.allowed, "reason": verdict.reason, "rule": verdict.rule}
    told["stored"] = await _stored(mirror, module, version) if version else {}
    try:
        route = mirror.tools.routes.of(module)
    except Error as error:
        return told | {"route": None, "then": error.reason}
    told["route"] = {
        "match": list(route.match),
        "checksum_database": route.sumdb,
        "offline": route.offline,
        "order": "measured" if route.measured else "ordered",
    }
    told["asked"] = _asked(route.chain, module)
    return told | {"then": _then(mirror, module, version, told, route)}


async def _stored(mirror: Mirror, module: ModulePath, version: str) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for extension in _EXTENSIONS:
        blob = await mirror.tools.storage.open(
            BlobKey(escape_path(module), escape_version(version), extension)
        )
        found[extension] = blob is not None
        if blob is not None:
            blob.close()
    return found


def _asked(chain: Chain, module: ModulePath) -> list[dict[str, object]]:
    """Say who would be asked, the first first."""
    told: list[dict[str, object]] = []
    position = 0
    while position < len(chain.links):
        link = chain.links[position]
        if link.upstream in {OFF, DIRECT} or chain.guide is None:
            named = chain.upstreams.get(link.upstream)  # an address may hold a secret, a name does not
            told.append({"upstream": named.name if named else link.upstream, "why": "as declared"})
            position += 1
            continue
        stretch = chain.stretch(position)
        pool = tuple(chain.upstreams[chain.links[each].upstream].name for each in stretch)
        question = Question(pool, "meta", escape_path(module), chain.measured and len(pool) > 1)
        for each in chain.guide.router.explain(question, chain.guide.now()):
            score = None if each.score is None else round(1000 * each.score, 1)
            told.append(
                {"upstream": each.upstream, "score_ms": score, "breaker": each.state, "why": each.why}
            )
        position = stretch.stop
    return told


def _then(mirror: Mirror, module: ModulePath, version: str, told: dict[str, object], route: Route) -> str:
    """Say in one sentence what a client would get."""
    verdict = mirror.decide(module, version)
    stored = told["stored"]
    if not verdict.allowed:
        return f"refused: {verdict.reason}"
    if isinstance(stored, dict) and stored and all(stored.values()):
        return "served from the store; nobody is asked"
    if route.offline:
        return "what is stored is served; nobody is asked for the rest, the route is offline"
    if not route.links:
        return "what is stored is served; the route names nobody to ask for the rest"
    return "what is stored is served; for the rest the upstreams are asked in this order"
