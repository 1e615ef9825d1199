"""The three that are compared, each set up as well as its manual allows, in front of the same upstreams.

All keep lists for :data:`LIST_TTL` and other files for good, serve stale what they cannot renew, go on to
the next upstream after errors, 429 and :data:`PATIENCE`, and fetch each file once for all who wait.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.machine import tool
from bench.outage.content import warm
from bench.servers import free_port, running
from tests.e2e.mirror import MirrorProcess
from tests.fakes.endless import VERSION, record
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.e2e.mirror import Tables

LIST_TTL = 2
"""Seconds: short, so that lists are renewed many times in each fault."""
PATIENCE = 3
"""Seconds that nginx and Varnish wait for the first byte of an upstream, as in lab.md 4.2."""

_NGINX = """\
daemon off;
pid nginx.pid;
error_log error.log error;
worker_processes 2;
{user}
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path tmp/body;
    proxy_temp_path tmp/proxy;
    fastcgi_temp_path tmp/fastcgi;
    uwsgi_temp_path tmp/uwsgi;
    scgi_temp_path tmp/scgi;
    proxy_cache_path cache keys_zone=modules:10m inactive=7d use_temp_path=off;
    upstream modules {{
{servers}
        keepalive 64;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host modules;
        proxy_connect_timeout 1s;
        proxy_read_timeout {patience}s;
        proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504 http_429;
        proxy_cache modules;
        proxy_cache_lock on;
        proxy_cache_lock_timeout 10s;
        proxy_cache_use_stale error timeout invalid_header updating
            http_500 http_502 http_503 http_504 http_429;
        proxy_cache_background_update on;
        location ~ /@v/list$ {{
            proxy_cache_valid 200 {ttl}s;
            proxy_pass http://modules;
        }}
        location / {{
            proxy_cache_valid 200 365d;
            proxy_pass http://modules;
        }}
    }}
}}
"""

_BACKEND = """\
backend {name} {{
    .host = "127.0.0.1";
    .port = "{port}";
    .connect_timeout = 1s;
    .first_byte_timeout = {patience}s;
    .between_bytes_timeout = {patience}s;
    .probe = {{
        .url = "/{probe}";
        .interval = 1s;
        .timeout = 1s;
        .window = 5;
        .threshold = 3;
        .initial = 3;
    }}
}}
"""
_VARNISH = """\
vcl 4.1;
import directors;
{backends}
sub vcl_init {{
    new upstreams = directors.fallback();
{added}
}}
sub vcl_recv {{
    set req.backend_hint = upstreams.backend();
    return (hash);
}}
sub vcl_backend_fetch {{
    # A backend that is not yet known to be sick would be chosen again.
{retries}
}}
sub vcl_backend_response {{
    if (beresp.status >= 500 || beresp.status == 429) {{
        if (bereq.retries < 3) {{ return (retry); }}
        if (bereq.is_bgfetch) {{ return (abandon); }}
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }}
    # What is fetched whole before it is sent can still be fetched elsewhere.
    set beresp.do_stream = false;
    set beresp.grace = 7d;
    if (bereq.url ~ "/@v/list$") {{ set beresp.ttl = {ttl}s; }} else {{ set beresp.ttl = 365d; }}
    return (deliver);
}}
sub vcl_backend_error {{
    if (bereq.retries < 3) {{ return (retry); }}
    if (bereq.is_bgfetch) {{ return (abandon); }}
    return (deliver);
}}
"""


@contextmanager
def mirror(ports: Mapping[str, int], scratch: Path) -> Iterator[str]:
    """The mirror with its defaults, and the checksum database that it verifies against."""
    database = FakeSumdb(resolve=record)
    with serve(database) as served:
        chain = "|".join(f"http://127.0.0.1:{port}" for port in ports.values())
        config: Tables = {
            "route": [{"match": ["*"], "from": chain}],
            "sumdb": [{"name": database.name, "key": database.key, "from": [served.url]}],
            "freshness": {"ttl": float(LIST_TTL)},
        }
        with MirrorProcess(scratch / "mirror", config) as process:
            yield process.url


@contextmanager
def nginx(ports: Mapping[str, int], scratch: Path) -> Iterator[str]:
    """Nginx: the first upstream, the others as its backups."""
    first, *others = ports.values()
    servers = [f"        server 127.0.0.1:{first};"]
    servers += [f"        server 127.0.0.1:{port} backup;" for port in others]
    directory = scratch / "nginx"
    (directory / "tmp").mkdir(parents=True)
    port = free_port()
    config = _NGINX.format(
        user="user root;" if os.geteuid() == 0 else "",
        servers="\n".join(servers),
        port=port,
        patience=PATIENCE,
        ttl=LIST_TTL,
    )
    (directory / "nginx.conf").write_text(config)
    with running("nginx", [tool("nginx"), "-p", str(directory), "-c", "nginx.conf"], port) as server:
        yield server.url


@contextmanager
def varnish(ports: Mapping[str, int], scratch: Path) -> Iterator[str]:
    """Varnish: the first upstream that its probes find well, and another one at each retry."""
    names = list(ports)
    probe = f"{warm(0)}/@v/{VERSION}.info"
    config = _VARNISH.format(
        backends="".join(
            _BACKEND.format(name=f"b_{name}", port=port, patience=PATIENCE, probe=probe)
            for name, port in ports.items()
        ),
        added="\n".join(f"    upstreams.add_backend(b_{name});" for name in names),
        retries="\n".join(
            f"    if (bereq.retries == {number}) {{ set bereq.backend = b_{name}; }}"
            for number, name in enumerate(names)
            if number
        ),
        ttl=LIST_TTL,
    )
    directory = scratch / "varnish"
    directory.mkdir()
    (directory / "outage.vcl").write_text(config)
    port = free_port()
    # No jail: the directory is ours alone, and everything is on loopback.
    command = [
        tool("varnishd"), "-F", "-j", "none", "-n", str(directory / "work"), "-a", f"127.0.0.1:{port}",
        "-f", str(directory / "outage.vcl"), "-s", "malloc,256m",
    ]  # fmt: skip
    with running("varnish", command, port) as server:
        yield server.url


CONTENDERS: Mapping[str, Callable[[Mapping[str, int], Path], AbstractContextManager[str]]] = {
    "modmirror": mirror,
    "nginx": nginx,
    "varnish": varnish,
}
TOOLS = {"nginx": "nginx", "varnish": "varnishd", "builds": "go"}
"""What must be installed; who is without it is left out, aloud."""
