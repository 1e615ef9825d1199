"""What the features of the protocol matrix are called in Chinese; names of headers are the same in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.report.phrases import Phrase

if TYPE_CHECKING:
    from modmirror.lab.results import Feature

CHINESE = {
    "list": "版本列表",
    "auth": "无需认证",
    "branch": ".info 支持分支",
    "escapes": "大写路径转义",
    "capitals": "拒绝未转义的大写",
    "gone": "不存在的模块返回 404 或 410",
    "gone-version": "不存在的版本返回 404 或 410",
    "error-text": "错误信息可读",
    "bad-path": "拒绝错误路径",
    "query": "忽略查询字符串",
    "toolchain": "工具链模块",
    "sumdb": "校验和数据库",
    "sumdb-status": "明确告知是否代理数据库",
    "sumdb-lookup": "签名记录",
    "sumdb-tiles": "可验证记录的 tile",
    "no-redirect": "zip 不重定向",
    "keep-alive": "保持连接",
}
"""By key."""


def title_of(feature: Feature) -> Phrase:
    """Return what a feature is called."""
    return Phrase(feature.title, CHINESE.get(feature.key, feature.title))
