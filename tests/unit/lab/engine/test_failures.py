from __future__ import annotations

import errno
import socket
import ssl

import pytest

from modmirror.lab.engine.failures import AnswerBroken, classified, printable, status_outcome


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (socket.gaierror(-2, "Name or service not known"), "dns"),
        (UnicodeError("label too long"), "dns"),
        (ConnectionRefusedError(111, "Connection refused"), "refused"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "refused"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "refused"),
        (ConnectionResetError(104, "Connection reset by peer"), "reset"),
        (BrokenPipeError(32, "Broken pipe"), "reset"),
        (TimeoutError(), "timeout"),
        (ssl.SSLError(1, "handshake failure"), "tls"),
        (AnswerBroken("truncated", "cut"), "truncated"),
        (OSError(errno.EIO, "strange"), "reset"),
    ],
)
def test_each_failure_has_a_class_and_words(error: Exception, outcome: str) -> None:
    found, reason = classified(error)
    assert found == outcome
    assert reason.isprintable()
    assert not reason.endswith(": ")


def test_a_certificate_says_what_is_wrong_with_it() -> None:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "certificate has expired"
    assert classified(error) == ("tls", "the certificate is not trusted: certificate has expired")


@pytest.mark.parametrize(
    ("status", "expected", "outcome"),
    [
        (200, (200,), "ok"),
        (404, (404, 410), "ok"),
        (200, (404, 410), "protocol"),
        (302, (200,), "protocol"),
        (418, (200,), "4xx"),
        (599, (200,), "5xx"),
    ],
)
def test_a_status_is_good_when_it_was_expected(
    status: int, expected: tuple[int, ...], outcome: str
) -> None:
    assert status_outcome(status, expected) == outcome


def test_words_of_a_server_cannot_steer_a_terminal() -> None:
    assert printable("a\r\n\tb\x1b[2J\x07\u202e  c") == "a b[2J c"
    assert len(printable("x" * 5000)) == 200
