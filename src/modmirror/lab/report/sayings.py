"""What measurements say in English, in Chinese: flags, notes, evidence, reasons of failures.

A run keeps such sentences as they were written when something was seen, with their numbers. The table has
the Chinese of each. What is not in it stays as it is: a server's own words, or those of a system call.
"""

from __future__ import annotations

import re
from functools import cache

from modmirror.lab.report.phrases import Phrase

_JOINT = "; "
_LONGEST = 1000
"""Letters of a text that is looked up: a longer one is what somebody sent, and no sentence of ours."""
CHINESE = {
    # why a run is invalid (lab.health, lab.load.fitness, lab.engine.watch)
    "the clock was moved by {} s, or the machine slept": "时钟被调整了 {} 秒，或机器曾经休眠",
    "the client used {} of a processor": "客户端占用了一个处理器的 {}",
    "the client was late by {} ms at P99": "客户端在 P99 处迟了 {} 毫秒",
    "other virtual machines took {} of the processors": "其他虚拟机占用了处理器时间的 {}",
    "the client's own floor rose from {} ms to {} ms meanwhile": (
        "其间客户端自身的开销从 {} 毫秒升至 {} 毫秒"
    ),
    "at {} requests a second the client used {} of a processor": (
        "每秒 {} 个请求时，客户端占用了一个处理器的 {}"
    ),
    "at {} requests a second requests began {} ms too late at P99, more than {} ms": (
        "每秒 {} 个请求时，请求在 P99 处迟发 {} 毫秒，超过 {} 毫秒"
    ),
    "{} was {} and is now {}; the first address was asked throughout": (
        "{} 原为 {}，现为 {}；测量始终使用最初的地址"
    ),
    "{}: issued by {}, then by {}": "{}：证书先由 {} 签发，后由 {} 签发",
    "{}: issued by {}, not by {}": "{}：证书由 {} 签发，而非 {}",
    # emulated links (lab.net.selftest)
    "{}: round trip {} ms instead of {} ms": "{}：往返 {} 毫秒，应为 {} 毫秒",
    "round trip {} ms instead of {} ms": "往返 {} 毫秒，应为 {} 毫秒",
    "{} Mbit/s instead of {}": "{} Mbit/s，应为 {}",
    "{}: the link carried nothing: {}": "{}：链路不通：{}",
    "the link carried nothing: {}": "链路不通：{}",
    "no answer within {} s": "{} 秒内没有应答",
    # the run's folder, politeness, faults (lab.run.lines, lab.politeness, lab.fault.names)
    "{}: the last line was cut short and is left out": "{}：最后一行不完整，已略去",
    "{} MB were fetched from mirrors that are not yours": "已从他人的镜像下载 {} MB",
    "not asked: it said {} and to come back in {} s": "未请求：对方返回 {}，要求 {} 秒后再来",
    "a namespace of mounts cannot be made: {}": "无法创建挂载命名空间：{}",
    # what went wrong with a request (lab.engine)
    "the name does not resolve: {}": "域名无法解析：{}",
    "this is no name: {}": "不是有效的域名：{}",
    "the certificate is not trusted: {}": "证书不受信任：{}",
    "the handshake failed: {}": "TLS 握手失败：{}",
    "no whole answer within the limit: {}": "时限内没有完整的应答：{}",
    "nothing listens there: {}": "该处无人监听：{}",
    "there is no way to it: {}": "无法到达：{}",
    "the connection broke: {}": "连接中断：{}",
    "headers of more than {} KiB": "响应头超过 {} KiB",
    "the connection was closed without an answer": "连接被关闭，没有应答",
    "the connection was closed before the end of the body": "响应体未完，连接即被关闭",
    "the connection was cut without a goodbye": "连接未经正常关闭即断开",
    "the body goes on beyond {} bytes": "响应体超过 {} 字节",
    "more than {} redirects": "重定向超过 {} 次",
    "redirects to something that is no URL of HTTP": "重定向到的不是 HTTP 地址",
    "redirects from https to http": "从 https 重定向到 http",
    "not HTTP: {}": "不是 HTTP：{}",
    "status {}": "状态 {}",
    # words of systems that are seen most
    "Connection refused": "连接被拒绝",
    "Connection reset by peer": "连接被对方重置",
    "Name or service not known": "域名未知",
    "Temporary failure in name resolution": "域名解析暂时失败",
    "unshare: unshare failed: {}": "unshare 失败：{}",
    "Operation not permitted": "不允许该操作",
    "Permission denied": "权限不足",
    "Network is unreachable": "网络不可达",
    "No route to host": "没有到达主机的路由",
    "self-signed certificate": "自签名证书",
    "certificate has expired": "证书已过期",
    "unable to get local issuer certificate": "找不到签发者的证书",
    # what was wrong with an answer (lab.bench, lab.coverage, lab.freshness, lab.replay)
    "the list lacks {}": "版本列表缺少 {}",
    "not an .info file: {}": "不是 .info 文件：{}",
    "the .info is of {}": ".info 属于 {}",
    "its h1 is not that of most mirrors: {}": "h1 与多数镜像不同：{}",
    "its h1 is not that of the build: {}": "h1 与构建所用不同：{}",
    "not an @latest file": "不是 @latest 文件",
    "latest is still {}": "最新版本仍为 {}",
    "took {} s to say that it does not exist": "用了 {} 秒才说明其不存在",
    "there is no such module version, and yet status {}": "该模块版本不存在，状态却为 {}",
    "not asked: {} answers in a row did not come, or did not end": "未请求：连续 {} 次没有应答或应答不止",
    "no module zip, sha256:{}": "不是模块 zip，sha256:{}",
    "majority": "多数镜像",
    # evidence of the protocol (lab.protocol)
    "{} → no answer: {}": "{} → 没有应答：{}",
    "{} → {}, {} bytes": "{} → {}，{} 字节",
    "handshake with {}, {} → {}": "与 {} 握手，{} → {}",
    "no checksum database was named": "未指定校验和数据库",
    "the database is not passed on here": "此镜像未代理该数据库",
    "the go command asks nobody else once a mirror said that it passes it on": (
        "镜像一旦声明代理该数据库，go 命令便不再询问他处"
    ),
    "record {} of a tree of {}": "第 {} 条记录，树的大小为 {}",
    "the record of {} is proven by {}": "{} 的记录由 {} 证明",
    "it is no list of versions": "不是版本列表",
    "it has lines that cost the go command a request, or an error, each": (
        "其中有些行会使 go 命令各多一次请求或一个错误"
    ),
    "it lacks {}": "缺少 {}",
    "{} versions": "{} 个版本",
    "it is empty": "内容为空",
    "it holds NUL bytes": "含有 NUL 字节",
    "it looks like a web page": "像是网页",
    "only with %21, which is what the go command sends": "仅支持 %21，即 go 命令发送的形式",
    "says {}": "返回 {}",
    "it is not text/plain: the developer sees the status only": "不是 text/plain：开发者只能看到状态码",
    "it is not UTF-8": "不是 UTF-8",
    "it says nothing that can be printed": "没有可显示的文字",
    "it wants to know who asks": "要求身份认证",
    "credentials were sent": "请求已带凭据",
    "info: nothing": "info：无",
    "list: nothing": "list：无",
    "it sends neither ETag nor Last-Modified": "既无 ETag 也无 Last-Modified",
    "so short a list is not worth it": "列表太短，不值得压缩",
    "no other version to try it with": "没有其他版本可供测试",
    "the mirror may have had it already": "镜像可能本来就有该文件",
    "without it: {}": "不带该请求头：{}",
    "it is asked over http": "经由 http 访问",
    "it is asked by an address": "以地址访问",
    "there is no IPv6 address, or none is asked for from here": "没有 IPv6 地址，或此处不查询",
}
"""By English sentence; ``{}`` is what differs, and may be a sentence of the table itself."""
FLAGS = {
    "client_saturated": "客户端饱和",
    "clock_jump": "时钟跳变",
    "drift": "测量机变慢",
    "dns_changed": "域名解析结果改变",
    "tls_intercepted": "TLS 被截获",
    "cpu_steal": "CPU 被抢占",
    "link_off": "模拟链路偏离设定",
}
"""Why a run is invalid, by name."""
STATES = {
    "running": Phrase("still running, or killed", "仍在进行，或被强制终止"),
    "interrupted": Phrase("interrupted", "已中断"),
    "complete": Phrase("complete", "已完成"),
}
"""Of a run."""


def said(text: str) -> Phrase:
    """Return a sentence of a run in both languages."""
    return Phrase(text, in_chinese(text))


def in_chinese(text: str) -> str:
    """Return the Chinese of a sentence, or of the sentences that ``; `` joins; else the text itself."""
    if len(text) > _LONGEST:
        return text
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return chinese.format(*map(in_chinese, found.groups()))
    if _JOINT in text:
        return _JOINT.join(map(in_chinese, text.split(_JOINT)))
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in CHINESE.items()
    )
