"""What each shipped fault scenario is, in Chinese: in English its own file says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.report.phrases import Phrase

if TYPE_CHECKING:
    from modmirror.lab.results.faults import FaultRun

CHINESE = {
    "blackhole": "上游毫无回应，连拒绝也没有",
    "cut": "上游拒绝连接",
    "dns": "上游域名无法解析",
    "endless": "上游的响应体永不结束",
    "flapping": "上游两秒可用、两秒不可用，如此反复",
    "garbled": "上游每个响应体中有一个字节错误",
    "incomplete": "上游丢失了一半的模块",
    "locked-out": "上游突然要求密码",
    "narrow": "到上游的带宽只有 20 kB/s",
    "reset": "到上游的每个连接都被重置",
    "server-errors": "上游对一切请求返回 500",
    "silent": "上游接受请求但从不应答",
    "slow": "上游应答迟两秒",
    "slow-death": "上游越来越慢，最后没有声息",
    "some-errors": "上游五分之一的应答是 502",
    "stale-list": "上游的版本列表不再更新",
    "tls-bad-cert": "上游的证书属于另一个名字",
    "tls-expired": "上游的证书已过期",
    "too-many-requests": "上游返回 429 并要求等待十秒",
    "truncated": "上游的响应体只到一半",
    "unavailable": "上游返回 503 并要求等待十秒",
    "wrong-zip": "上游发送格式正确但内容不对的 zip",
}
BEGUN = "fault"
"""Event: the fault begins; the text is the title of the scenario."""


def title_of(name: str, run: FaultRun) -> Phrase:
    """Return what a scenario is, as its run tells it."""
    title = next((event.text for event in run.events if event.name == BEGUN and event.text), name)
    return Phrase(title, CHINESE.get(name, title))
