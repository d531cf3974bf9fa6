"""Knowledge as one file: bounded, whole, and nothing to unpack."""

from __future__ import annotations

import orjson
import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.workspace import knowledge_file
from ecert.workspace.knowledge_file import read_knowledge, write_knowledge


def _refused(data: bytes, fault: DocumentFault) -> DocumentRefusedError:
    with pytest.raises(DocumentRefusedError) as caught:
        read_knowledge(data)
    assert caught.value.fault is fault
    return caught.value


def test_documents_survive_the_file_byte_for_byte() -> None:
    documents = ('{"名": "单"}\n'.encode(), b"a.b.c", b'"\\\n\t')
    assert read_knowledge(write_knowledge(documents)) == documents
    assert read_knowledge(write_knowledge([])) == ()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1], lambda data: data + b"x", lambda data: data + b"\n",
        lambda data: data.replace(b'"documents":2', b'"documents":3'),
        lambda data: data.replace(b'"documents":2', b'"documents":true'),
        lambda data: data.replace(b'"documents":2', b'"documents":2,"path":"../x"'),
        lambda data: data.replace(b'{"document":"b"}', b'{"document":"b","document":"c"}'),
        lambda data: data.replace(b'{"document":"b"}', b'{"document":1}'),
        lambda data: data.replace(b'{"document":"b"}', b'{"document":"b","name":"../../x"}'),
        lambda data: data.replace(b'{"document":"b"}', b"PK\x03\x04"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused_whole(spoil: object) -> None:
    error = _refused(spoil(write_knowledge([b"a", b"b"])), DocumentFault.MALFORMED)  # type: ignore[operator]
    assert error.where.startswith("line ")
    assert error.fix_zh


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b'{"typ":"ecert-bundle"}'])
def test_another_kind_of_file_is_named_so(data: bytes) -> None:
    _refused(data, DocumentFault.WRONG_KIND)


def test_as_many_documents_as_the_limit_and_no_more() -> None:
    most = limits.MAX_KNOWLEDGE_DOCUMENTS
    data = write_knowledge([b"x"] * most)
    assert len(read_knowledge(data)) == most
    with pytest.raises(DocumentRefusedError) as caught:
        write_knowledge([b"x"] * (most + 1))
    assert caught.value.fault is DocumentFault.TOO_LARGE
    head, rest = data.split(b"\n", 1)
    more = orjson.dumps(orjson.loads(head) | {"documents": most + 1}) + b"\n"
    _refused(more + b'{"document":"x"}\n' + rest, DocumentFault.TOO_LARGE)


def test_as_many_bytes_as_the_limit_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_knowledge([b"x" * 100, b"y"])
    monkeypatch.setattr(limits, "MAX_KNOWLEDGE_FILE_BYTES", len(data))
    assert len(read_knowledge(data)) == 2
    monkeypatch.setattr(limits, "MAX_KNOWLEDGE_FILE_BYTES", len(data) - 1)
    _refused(data, DocumentFault.TOO_LARGE)


def test_a_line_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    line = len(b'{"document":"') + 100 + len(b'"}')
    monkeypatch.setattr(knowledge_file, "_MAX_LINE_BYTES", line)
    assert len(read_knowledge(write_knowledge([b"x" * 100]))) == 1
    _refused(write_knowledge([b"x" * 101]), DocumentFault.MALFORMED)
