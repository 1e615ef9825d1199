"""Why each part of a recommended setting is as it is, in English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.results.setting import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.results.ranking import Gate, Ranked

GATES = {"integrity": "完整性", "availability": "可用性", "coverage": "覆盖率"}
"""Names of gates in Chinese."""
FEATURES = {
    "version list": "版本列表",
    "no authentication": "无需认证",
    "branch in .info": ".info 支持分支",
    "upper-case paths": "大写路径转义",
    "unescaped capitals refused": "拒绝未转义的大写",
    "404 or 410 for an absent module": "不存在的模块返回 404 或 410",
    "404 or 410 for an absent version": "不存在的版本返回 404 或 410",
    "errors can be read": "错误信息可读",
    "bad paths refused": "拒绝错误路径",
    "query string passed over": "忽略查询字符串",
    "toolchain modules": "工具链模块",
    "checksum database": "校验和数据库",
    "a clear word on the database": "明确告知是否代理数据库",
    "signed records": "签名记录",
    "tiles that prove them": "可验证记录的 tile",
    "zips without redirect": "zip 不重定向",
    "connections kept": "保持连接",
}
"""Titles of features in Chinese."""


def first(row: Ranked) -> Reason:
    """Why it comes first."""
    chance = row.chance[0] if row.chance else 1.0
    return Reason(
        row.target,
        f"Passed every condition and has the best score; first in {chance:.0%} of the resampled runs.",
        f"满足全部条件且得分最高；在 {chance:.0%} 的重抽样中排名第一。",
    )


def next_one(before: str, row: Ranked, *, equal: bool) -> Reason:
    """Why it comes behind another, and with which sign between."""
    if equal:
        return Reason(
            f"|{row.target}",
            f"Has the same modules as {before} as far as was measured: asked whenever {before} fails.",
            f"实测模块覆盖与 {before} 相同：{before} 出现任何错误时改用它。",
        )
    return Reason(
        f",{row.target}",
        f"Has other modules than {before}: asked only for what {before} does not have (404, 410).",
        f"模块覆盖与 {before} 不同：仅当 {before} 没有该模块（404、410）时改用它。",
    )


def direct() -> Reason:
    """Why it ends with direct."""
    return Reason(
        ",direct",
        "What no mirror has is fetched from its repository; this needs git and the way to it.",
        "镜像都没有的模块从代码仓库直接获取；需要 git 且网络可达。",
    )


def no_direct_in_ci() -> Reason:
    """Why it does not end with direct for CI."""
    return Reason(
        "no direct",
        "In CI a missing module should fail at once and the same way everywhere, not depend on code hosts.",
        "在 CI 中缺失的模块应立即失败且处处一致，不应依赖代码托管站点。",
    )


def no_direct_in_china() -> Reason:
    """Why it does not end with direct in China."""
    return Reason(
        "no direct",
        "Code hosts abroad are often out of reach from here; private modules (GOPRIVATE) still go direct.",
        "境外代码托管站点常不可达；私有模块（GOPRIVATE）仍会直连。",
    )


def database_passed(target: str, name: str) -> Reason:
    """Why the checksum database is asked through the mirror."""
    return Reason(
        name,
        f"{target} passes this checksum database on, so nothing else needs to be reachable.",
        f"{target} 代理了该校验和数据库，无需另外访问。",
    )


def database_apart(target: str, name: str) -> Reason:
    """Why the checksum database is asked at its address in China."""
    return Reason(
        name,
        f"{target} does not pass the checksum database on: this is the same one, reachable from China too.",
        f"{target} 未代理校验和数据库：此为同一数据库，在中国大陆也可访问。",
    )


def database_unknown(name: str) -> Reason:
    """Why this name, when nobody asked the mirror."""
    return Reason(
        name,
        "Whether the mirror passes the checksum database on was not measured (modmirror lab protocol).",
        "未测量镜像是否代理校验和数据库（modmirror lab protocol）。",
    )


def route() -> Reason:
    """Why the route of a modmirror verifies."""
    return Reason(
        "[[route]]",
        "A modmirror in front asks the same chain, keeps what it got and checks every file before storing.",
        "前置的 modmirror 按同样顺序回源，缓存结果，并在保存前校验每个文件。",
    )


def gated(target: str, gate: Gate) -> Reason:
    """Why a mirror is left out."""
    return Reason(
        target,
        f"Left out, {gate.name}: {gate.text}.",
        f"已排除，未满足条件“{GATES.get(gate.name, gate.name)}”：{gate.zh or gate.text}",
    )


def unmeasured(target: str) -> Reason:
    """Why a mirror that failed nothing is left out."""
    return Reason(target, "Left out: too little was measured of it.", "已排除：测量数据不足。")


def unfit(target: str, lacking: Sequence[str]) -> Reason:
    """Why a mirror is left out that the go command cannot use; ``lacking`` are titles of features."""
    return Reason(
        target,
        f"Left out: the go command needs what it does not do: {', '.join(lacking)}.",
        f"已排除：缺少 go 命令必需的功能：{'、'.join(FEATURES.get(title, title) for title in lacking)}",
    )


def no_database(target: str) -> Reason:
    """What one must not do with a mirror that passes no checksum database on."""
    return Reason(
        target,
        "Passes no checksum database on. Do not switch checks off for it (GONOSUMDB, GOSUMDB=off).",
        "未代理校验和数据库。请勿因此关闭校验（GONOSUMDB、GOSUMDB=off）。",
    )


def coverage_unknown() -> Reason:
    """What the sign between mirrors rests on."""
    return Reason(
        "|",
        "Coverage was not measured: that the mirrors have the same modules is assumed.",
        "未测量覆盖率：假定各镜像模块相同。",
    )


def nothing() -> Reason:
    """What to do when nobody can be recommended."""
    return Reason(
        "GOPROXY",
        "No mirror can be recommended from this run: see why each was left out, or measure others.",
        "根据本次测量无法推荐任何镜像：请查看各镜像被排除的原因，或测量其他镜像。",
    )
