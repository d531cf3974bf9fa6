"""The door as a process and as a function of bytes: no input ends it, every line is answered."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.conformance.door import MAX_LINE_BYTES, Door, serve
from tests.conftest import ROOT

OPERATIONS = (
    "jws_verify", "ecdsa_verify", "sm2_verify", "sdjwt_verify", "status_decode", "json_parse",
    "licence_id", "list_import", "verify", "qr_decode",
)  # fmt: skip
GOOD = b'{"op":"json_parse","bytes":"e30="}'
ANSWER = {"result": "valid", "value": {}}


def _served(data: bytes) -> list[dict[str, Any]]:
    sink = io.BytesIO()
    serve(io.BytesIO(data), sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


@pytest.mark.parametrize(
    "line",
    [
        b"", b" ", b"\xff\xfe", b"null", b"[]", b'"op"', b"{", b"{}", b"\x00", b"\xef\xbb\xbf{}",
        b'{"op":null}', b'{"op":[]}', b'{"op":"fetch"}', b'{"op":"JSON_PARSE","bytes":"e30="}',
        b'{"op":"json_parse"}', b'{"op":"json_parse","bytes":7}',
        b'{"op":"json_parse","bytes":"#"}', b'{"op":"json_parse","bytes":"e30"}',
        b'{"op":"json_parse","op":"json_parse","bytes":"e30="}',
        b'{"op":"json_parse","bytes":"e30=","at":9007199254740993}',
        b'{"op":"json_parse","bytes":"e30=","at":NaN}', b'{"op":"json_parse","bytes":"\\ud800"}',
        b'{"op":' + b"[" * 100_000, b'{"op":"json_parse","a":' + b"[" * 20 + b"]" * 20 + b"}",
        b'{"op":"sdjwt_verify","token":"a~","keys":[],"at":-1}',
        b'{"op":"sdjwt_verify","token":"a~","keys":[],"at":1e3}',
        b'{"op":"sdjwt_verify","token":"a~","keys":[],"at":true}',
        b'{"op":"sdjwt_verify","token":"a~","keys":[],"at":100000000000}',
        b'{"op":"sdjwt_verify","token":"a~","keys":[7],"at":1}',
        b'{"op":"sdjwt_verify","token":7,"keys":[],"at":1}',
        b'{"op":"sdjwt_verify","token":"a~","keys":[],"at":1,"kb":[]}',
        b'{"op":"sdjwt_verify","token":"a~","keys":[],"at":1,"kb":{"aud":"x"}}',
        b'{"op":"ecdsa_verify","key":"04","msg":"0","sig":""}',
        b'{"op":"ecdsa_verify","key":"04","msg":"0 1","sig":""}',
        b'{"op":"ecdsa_verify","key":7,"msg":"","sig":""}',
        b'{"op":"list_import","file":"e30=","book":"b","at":1,"confirmed":1}',
        b'{"op":"verify","code":"1","knowledge":["e30"],"region":"500000","at":1}',
        b'{"op":"verify","code":"1","knowledge":"e30=","region":"500000","at":1}',
    ],
)  # fmt: skip
def test_a_malformed_question_gets_an_error_and_the_next_one_its_answer(line: bytes) -> None:
    answers = _served(line + b"\n" + GOOD + b"\n")
    assert answers[0].keys() == {"error"}
    assert answers[1:] == [ANSWER]


def test_every_operation_says_which_parameter_is_missing() -> None:
    for op in OPERATIONS:
        (answer,) = _served(json.dumps({"op": op}).encode())
        assert answer.keys() == {"error"}
        assert "missing" in answer["error"]


def test_the_last_line_needs_no_end() -> None:
    assert _served(GOOD) == [ANSWER]
    assert _served(b"") == []


def test_a_line_at_the_limit_is_read_and_one_beyond_it_is_not() -> None:
    end = b"\n"
    fitting = GOOD + b" " * (MAX_LINE_BYTES - len(GOOD) - len(end)) + end
    assert _served(fitting + GOOD) == [ANSWER, ANSWER]
    too_long = GOOD + b" " * (MAX_LINE_BYTES - len(GOOD)) + end
    first, second = _served(too_long + GOOD)
    assert str(MAX_LINE_BYTES) in first["error"]
    assert second == ANSWER


@pytest.mark.parametrize("filling", [b"x", b'{"op":"', b"["])
def test_ten_megabytes_in_one_line_are_one_answer(filling: bytes) -> None:
    answers = _served(filling * (10_000_000 // len(filling)) + b"\n" + GOOD)
    assert answers[0].keys() == {"error"}
    assert answers[1:] == [ANSWER]


def test_an_unknown_parameter_is_passed_over() -> None:
    line = b'{"op":"json_parse","bytes":"e30=","comment":"tcId 1"}'
    assert _served(line) == [ANSWER]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_PARAMETERS = st.fixed_dictionaries(
    {"op": st.sampled_from(OPERATIONS)},
    optional={
        "token": st.text(alphabet='aA0._~-={}"', max_size=40) | _JSON,
        "keys": st.lists(_JSON, max_size=3) | _JSON,
        "key": st.text(alphabet="0123456789abcdef", max_size=140) | _JSON,
        "msg": st.just("00") | _JSON,
        "sig": st.just("00" * 64) | _JSON,
        "at": st.just(1_790_000_000) | _JSON,
        "kb": st.just({"aud": "a", "nonce": "n"}) | _JSON,
        "bits": st.sampled_from((1, 2, 4, 8)) | _JSON,
        "lst": st.just("eNrbuRgAAhcBXQ") | _JSON,
        "indexes": st.lists(st.integers(-1, 20) | _JSON, max_size=4) | _JSON,
        "bytes": st.just("e30=") | _JSON,
        "text": st.text(alphabet=".1235690ABab", max_size=80) | _JSON,
        "file": st.just("e30=") | _JSON,
        "book": st.text(max_size=3) | _JSON,
        "region": st.sampled_from(("500000", "999999", "50000O", "")) | _JSON,
        "code": st.text(alphabet="0123456789 -", max_size=60) | _JSON,
        "knowledge": st.lists(st.just("e30=") | _JSON, max_size=2) | _JSON,
        "matter": _JSON,
        "challenge": _JSON,
        "issuer": _JSON,
        "typ": _JSON,
        "image": st.just("e30=") | _JSON,
        "confirmed": _JSON,
    },
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(_PARAMETERS)
def test_any_parameters_get_an_answer_of_the_agreed_form(question: dict[str, Any]) -> None:
    line = json.dumps(question).encode()
    answer = json.loads(orjson.dumps(Door().answer(line)))
    if "error" in answer:
        assert answer.keys() == {"error"}
    else:
        assert answer["result"] in {"valid", "invalid", "undetermined"}
        assert ("reason" in answer) == (answer["result"] != "valid")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_get_one_answer_for_each_line(data: bytes) -> None:
    answers = _served(data)
    assert len(answers) == len(data.split(b"\n")) - data.endswith(b"\n") - (not data)
    assert all("error" in answer for answer in answers)


# -- as a process -----------------------------------------------------------------------------


def _process() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ecert.conformance"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_process_answers_each_line_at_once_and_ends_with_its_input() -> None:
    with _process() as door:
        assert door.stdin is not None
        assert door.stdout is not None
        assert door.stderr is not None
        for line, answer in ((GOOD, ANSWER), (b"nonsense", None), (GOOD, ANSWER)):
            door.stdin.write(line + b"\n")
            door.stdin.flush()
            # The answer comes while the input is still open: it was flushed.
            found = json.loads(door.stdout.readline())
            assert found == answer or "error" in found
        door.stdin.close()
        assert door.stdout.read() == b""
        assert door.stderr.read() == b""
        assert door.wait(timeout=30) == 0


def test_nothing_that_a_question_names_is_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        address = f"http://127.0.0.1:{port}/jwks"
        header = json.dumps({"alg": "ES256", "jku": address, "x5u": address})
        from ecert.sign import sdjwt
        from ecert.sign.keys import PrivateKey
        from ecert.sign.strict import b64url

        key = PrivateKey.generate()
        token = f"{b64url(header.encode())}.e30.{'A' * 86}"
        uri = {"status": {"status_list": {"idx": 1, "uri": f"http://example.com:{port}/1"}}}
        asked = [
            {"op": "jws_verify", "token": token, "keys": [key.public.jwk() | {"x5u": address}]},
            {"op": "sdjwt_verify", "token": sdjwt.issue(uri, key), "keys": [key.public.jwk()],
             "at": 1, "issuer": None},
            {"op": "verify", "code": address, "knowledge": [], "region": "500000", "at": 1},
        ]  # fmt: skip
        # A proxy would see names that do not resolve here.
        proxies = dict.fromkeys(("http_proxy", "https_proxy"), f"http://127.0.0.1:{port}")
        done = subprocess.run(
            [sys.executable, "-m", "ecert.conformance"],
            input="\n".join(map(json.dumps, asked)).encode(),
            capture_output=True, check=True, cwd=ROOT, env=os.environ | proxies, timeout=60,
        )  # fmt: skip
        results = [json.loads(line)["result"] for line in done.stdout.splitlines()]
        assert results == ["invalid", "undetermined", "invalid"]
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
