"""Single formats through the door: status lists, JSON, licence ids, pictures."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from ecert.model.identifiers import LicenceId
from ecert.show import render
from ecert.status.packing import decode_list

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conformance.conftest import Ask

# -- status lists -----------------------------------------------------------------------------


def _lists(vectors: Path) -> list[dict[str, Any]]:
    lists: list[dict[str, Any]] = json.loads(
        (vectors / "token-status-list.json").read_text("utf-8")
    )["lists"]
    return lists


def test_the_four_lists_of_the_draft_answer_at_every_listed_index(ask: Ask, vectors: Path) -> None:
    for listed in _lists(vectors):
        entries = {int(index): value for index, value in listed["nonzero_or_listed"].items()}
        answer = ask("status_decode", bits=listed["bits"], lst=listed["lst"], indexes=list(entries))
        assert answer["result"] == "valid"
        assert answer["values"] == list(entries.values())
        assert answer["size"] == listed["entries"] == 1 << 20
    assert [listed["bits"] for listed in _lists(vectors)] == [1, 2, 4, 8]


def test_the_four_lists_of_the_draft_are_right_at_every_index(vectors: Path) -> None:
    for listed in _lists(vectors):
        decoded = decode_list(listed["bits"], listed["lst"])
        nonzero = {
            int(index): value for index, value in listed["nonzero_or_listed"].items() if value
        }
        found = {index: value for index in range(1 << 20) if (value := decoded.value(index))}
        assert found == nonzero
        assert len(decoded) == 1 << 20


@pytest.mark.parametrize(
    "change",
    [
        {"indexes": [1 << 20]},
        {"indexes": [-1]},
        {"indexes": [True]},
        {"indexes": ["0"]},
        {"indexes": [0.0]},
        {"bits": 3},
        {"bits": 0},
        {"lst": "AAAA"},
        {"lst": ""},
    ],
)
def test_a_list_or_index_that_is_none_is_invalid(
    ask: Ask, vectors: Path, change: dict[str, Any]
) -> None:
    listed = _lists(vectors)[0]
    question = {"bits": listed["bits"], "lst": listed["lst"], "indexes": [0]}
    assert ask("status_decode", **question)["result"] == "valid"
    answer = ask("status_decode", **question | change)
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")


# -- JSON -------------------------------------------------------------------------------------


def test_every_parsing_file_is_taken_or_refused_as_its_name_says(ask: Ask, vectors: Path) -> None:
    files = json.loads((vectors / "json-parsing.json").read_text("utf-8"))["files"]
    duplicates = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
    assert len(files) == 318
    assert duplicates <= files.keys()
    wrong = {}
    for name, data in files.items():
        answer = ask("json_parse", bytes=data)
        expected = {"y": "valid", "n": "invalid"}.get(name[0], answer["result"])
        if name in duplicates:
            expected = "invalid"
        if answer["result"] != expected or answer["result"] not in {"valid", "invalid"}:
            wrong[name] = answer
    assert wrong == {}


def test_a_parsed_value_comes_back_as_it_was(ask: Ask) -> None:
    value = {"证": [1, -2.5, None, True, "\u0000 𠮷"], "": {}}
    data = base64.b64encode(json.dumps(value, ensure_ascii=False).encode()).decode()
    assert ask("json_parse", bytes=data) == {"result": "valid", "value": value}


# -- licence ids ------------------------------------------------------------------------------

TYPE, ISSUER = "111000009999999986001", "115116003189451948"


@pytest.fixture
def good() -> LicenceId:
    return LicenceId.make(TYPE, ISSUER, "AB12", 7)


def test_a_licence_id_comes_back_in_its_parts(ask: Ask, good: LicenceId) -> None:
    assert ask("licence_id", text=str(good)) == {
        "result": "valid",
        "check": "standard",
        "parts": {
            "type_code": TYPE,
            "issuer": ISSUER,
            "serial": "AB12",
            "version": 7,
            "check_character": good.check,
        },
    }


def test_each_of_the_other_characters_is_legacy_or_bad(ask: Ask, good: LicenceId) -> None:
    head = str(good)[:-1]
    checks: dict[str, list[str]] = {}
    for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        answer = ask("licence_id", text=head + character)
        checks.setdefault(answer["check"], []).append(character)
        assert answer["parts"]["check_character"] == character
        assert ("warning" in answer) == (answer["check"] == "legacy")
        assert (answer["result"] == "valid") == (answer["check"] != "bad")
        assert answer.get("reason") == ("licence-id-check" if answer["check"] == "bad" else None)
    assert checks["standard"] == [good.check]
    assert (len(checks["legacy"]), len(checks["bad"])) == (1, 34)


@pytest.mark.parametrize(
    "text",
    ["", "1.2.156.3005.2", "x", "..........", "1.2.156.3005.2.....", f"1.2.156.3005.2.{TYPE}.A"],
)
def test_what_is_no_licence_id_is_malformed(ask: Ask, text: str) -> None:
    answer = ask("licence_id", text=text)
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")
    assert "parts" not in answer


def test_small_letters_and_full_width_digits_are_not_put_right(ask: Ask, good: LicenceId) -> None:
    for text in (str(good).lower(), str(good).replace("1", "１"), f" {good}", f"{good}\n"):
        answer = ask("licence_id", text=text)
        assert (answer["result"], answer["reason"]) == ("invalid", "malformed"), text


# -- pictures ---------------------------------------------------------------------------------

DIGITS = "12345678901234567890123456789012"


def _picture(image: Image.Image) -> str:
    out = io.BytesIO()
    image.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def _code(digits: str) -> Image.Image:
    return Image.open(io.BytesIO(render.png(digits, scale=4))).convert("L")


def test_a_picture_of_a_code_gives_its_digits(ask: Ask) -> None:
    answer = ask("qr_decode", image=_picture(_code(DIGITS)))
    assert answer == {"result": "valid", "digits": DIGITS}


def test_a_picture_without_a_code_or_with_two_decides_nothing(ask: Ask) -> None:
    blank = Image.new("L", (400, 400), 255)
    answer = ask("qr_decode", image=_picture(blank))
    assert (answer["result"], answer["reason"]) == ("undetermined", "unreadable")
    one, other = _code(DIGITS), _code(DIGITS[::-1])
    both = Image.new("L", (one.width + other.width, one.height), 255)
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    answer = ask("qr_decode", image=_picture(both))
    assert (answer["result"], answer["reason"]) == ("undetermined", "several-codes")


def test_bytes_that_are_no_picture_decide_nothing(ask: Ask) -> None:
    answer = ask("qr_decode", image=base64.b64encode(b"%PDF-1.7").decode())
    assert (answer["result"], answer["reason"]) == ("undetermined", "unreadable")
