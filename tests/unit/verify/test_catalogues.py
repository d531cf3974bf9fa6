"""The types that lists carry join the catalogue, and go with what proved their list."""

from __future__ import annotations

from ecert.verify.knowledge import Knowledge
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    SICHUAN,
    SICHUAN_TYPE,
    Office,
    copy,
    defined,
    entry,
    recognition_list,
    side,
    signed,
)


def test_types_go_when_new_roots_no_longer_prove_their_list() -> None:
    sichuan, chongqing = Office(SICHUAN), Office(CHONGQING)
    knowledge = Knowledge(CHONGQING, clock=lambda: AT)
    knowledge.pin([sichuan.roots_data, chongqing.roots_data])
    line = entry(source=side(SICHUAN, SICHUAN_TYPE), fields=copy("读者类型"))
    document = recognition_list(line, types=(defined(SICHUAN_TYPE),))
    knowledge.accept(signed(document, sichuan, chongqing))
    assert SICHUAN_TYPE in knowledge.catalogue
    knowledge.pin(sichuan.new_recognition_keys())
    assert knowledge.recognition.lists == ()
    assert SICHUAN_TYPE not in knowledge.catalogue
