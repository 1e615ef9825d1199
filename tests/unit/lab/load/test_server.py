from __future__ import annotations

import os
import socket
import subprocess
import sys

from modmirror.lab.load.server import Server, find_server

NOBODY = 2**22 + 1
"""Above the largest process number of the kernel."""


def test_a_server_is_found_by_its_port_and_costs_what_its_processes_cost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = find_server(listening.getsockname()[1])
        assert os.getpid() in server.pids
        used = server.usage()
    assert used
    assert used.cpu > 0
    assert used.rss > 1_000_000


def test_a_client_of_a_port_is_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert find_server(client.getsockname()[1]).pids == frozenset()


def test_children_count() -> None:
    alone = Server(frozenset({os.getpid()})).usage()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        both = Server(frozenset({os.getpid()})).usage()
        one = Server(frozenset({child.pid})).usage()
        child.communicate(b"\n")
    assert alone
    assert both
    assert one
    assert both.rss >= alone.rss


def test_what_cannot_be_seen_has_no_numbers() -> None:
    assert Server(frozenset()).usage() is None
    assert Server(frozenset({NOBODY})).usage() is None
