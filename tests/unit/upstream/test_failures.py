from __future__ import annotations

import pytest
from pyreqwest.exceptions import (
    BodyDecodeError,
    BuilderError,
    ConnectError,
    ConnectTimeoutError,
    DecodeError,
    PyreqwestError,
    ReadError,
    ReadTimeoutError,
    RequestPanicError,
)

from modmirror.errors import UpstreamBadAnswer, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from modmirror.upstream.failures import while_asking, while_reading
from modmirror.upstream.settings import HttpSettings

SETTINGS = HttpSettings(connect_timeout=1, first_byte_timeout=2, stall_timeout=3)
URL = "error sending request for url (https://u:hunter2@h/x?token=hunter2)"


def raised(kind: type[PyreqwestError], *causes: str) -> PyreqwestError:
    details = {"causes": [{"message": URL}, *[{"message": cause} for cause in causes]]}
    return kind("request failed", details)


@pytest.mark.parametrize(
    ("error", "expected", "reason"),
    [
        (
            raised(ConnectTimeoutError, "client error (Connect)"),
            UpstreamTimeout,
            "no connection within 1 s",
        ),
        (raised(ConnectTimeoutError, "operation timed out"), UpstreamTimeout, "no answer within 2 s"),
        (TimeoutError(), UpstreamTimeout, "no answer within 2 s"),
        (
            raised(ConnectError, "tcp connect error", "Connection refused (os error 111)"),
            UpstreamUnavailable,
            "Connection refused",
        ),
        (
            raised(DecodeError, "invalid HTTP version parsed"),
            UpstreamBadAnswer,
            "did not answer in HTTP: invalid HTTP version parsed",
        ),
        (raised(BuilderError, "x"), UpstreamBadAnswer, "redirects to a URL that cannot be asked"),
        (raised(ConnectError), UpstreamUnavailable, "connection failed"),
        (raised(RequestPanicError, "boom"), UpstreamUnavailable, "boom"),
    ],
)
def test_a_failure_before_the_status_line(
    error: Exception, expected: type[UpstreamError], reason: str
) -> None:
    with pytest.raises(UpstreamError) as caught, while_asking("up", SETTINGS):
        raise error
    assert type(caught.value) is expected
    assert (caught.value.upstream, caught.value.reason, caught.value.__cause__) == ("up", reason, error)


@pytest.mark.parametrize(
    ("error", "expected", "reason"),
    [
        (TimeoutError(), UpstreamTimeout, "the answer stalled: no byte for 3 s"),
        (raised(ReadTimeoutError, "x"), UpstreamTimeout, "the answer stalled: no byte for 3 s"),
        (
            raised(ReadError, "Connection reset by peer (os error 104)"),
            UpstreamUnavailable,
            "the answer broke off: Connection reset by peer",
        ),
        (raised(BodyDecodeError), UpstreamUnavailable, "the answer broke off: connection failed"),
    ],
)
def test_a_failure_inside_the_body(error: Exception, expected: type[UpstreamError], reason: str) -> None:
    with pytest.raises(UpstreamError) as caught, while_reading("up", SETTINGS):
        raise error
    assert type(caught.value) is expected
    assert (caught.value.upstream, caught.value.reason, caught.value.__cause__) == ("up", reason, error)


def test_errors_of_others_pass_unchanged() -> None:
    for around in (while_asking, while_reading):
        with pytest.raises(KeyError), around("up", SETTINGS):
            raise KeyError("mine")


def test_every_error_of_the_client_is_translated() -> None:
    for around in (while_asking, while_reading):
        for kind in _subclasses(PyreqwestError):
            error = kind.__new__(kind)
            error.message = URL
            with pytest.raises(UpstreamError) as caught, around("up", SETTINGS):
                raise error
            assert "hunter2" not in str(caught.value)


def _subclasses(kind: type[PyreqwestError]) -> list[type[PyreqwestError]]:
    return [kind, *[each for child in kind.__subclasses__() for each in _subclasses(child)]]
