"""Disclosures: their shape, and that each fits the payload in just one place (RFC 9901 §7.1)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign.disclosure import Disclosure, parse_disclosure, resolve
from ecert.sign.strict import b64url

NEVER = frozenset({"iss", "exp"})


def _encode(parts: Any) -> str:
    return b64url(parts if isinstance(parts, bytes) else json.dumps(parts).encode())


def _disclosure(*parts: Any) -> Disclosure:
    return parse_disclosure(_encode(["c2FsdA", *parts]))


def _resolve(payload: dict[str, Any], *disclosures: Disclosure) -> dict[str, Any]:
    return resolve(payload, disclosures, never=NEVER).claims


def _refused(payload: dict[str, Any], *disclosures: Disclosure) -> str:
    with pytest.raises(ParseError) as caught:
        _resolve(payload, *disclosures)
    assert caught.value.reason is Reason.MALFORMED
    return caught.value.en


# -- one disclosure ---------------------------------------------------------------------------


def test_the_example_of_rfc_9901_has_its_digest() -> None:
    # §4.2.3: the digest is over the encoded text, whatever white space it contains.
    found = parse_disclosure("WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0")
    assert (found.name, found.value) == ("family_name", "Möbius")
    assert found.digest == b64url(hashlib.sha256(found.encoded.encode()).digest())


def test_an_element_has_no_name() -> None:
    found = _disclosure({"a": [1]})
    assert (found.name, found.value) == (None, {"a": [1]})


@pytest.mark.parametrize(
    "parts",
    [
        [], ["salt"], ["salt", "name", "value", "more"], {"0": "salt"}, "salt", None, 7,
        [1, "name", "value"], [None, "value"], [["salt"], "value"], ["salt", 1, "value"],
        ["salt", None, "value"], ["salt", ["name"], "value"], ["salt", "_sd", []],
        ["salt", "...", "x"], ["salt", "_sd_alg", "sha-256"], b'["salt","a",NaN]', b"",
        b'["salt","a",{"b":1,"b":2}]', b'["salt","a","\\ud800"]', b'["salt","a",1]x',
        '["salt","a","张"]'.encode("gbk"),
    ],
)  # fmt: skip
def test_another_shape_is_refused(parts: Any) -> None:
    with pytest.raises(ParseError) as caught:
        parse_disclosure(_encode(parts))
    assert caught.value.reason is Reason.MALFORMED


@pytest.mark.parametrize("change", [" ", "=", "\n", "~", "é"])
def test_another_spelling_is_refused(change: str) -> None:
    good = _encode(["salt", "name", "value"])
    for text in (good + change, change + good, good[:8] + change + good[8:]):
        with pytest.raises(ParseError):
            parse_disclosure(text)


def test_a_disclosure_at_the_limit_is_read_and_one_beyond_it_is_not() -> None:
    def of_length(value: int) -> str:
        return _encode(["s", "x" * value])

    room = limits.MAX_DISCLOSURE_CHARS * 3 // 4 - len('["s", ""]')
    assert len(of_length(room)) == limits.MAX_DISCLOSURE_CHARS
    assert parse_disclosure(of_length(room)).value == "x" * room
    with pytest.raises(ParseError) as caught:
        parse_disclosure(of_length(room + 1))
    assert caught.value.reason is Reason.TOO_LARGE


def _portrait(value: object, *, name: str = "portrait") -> str:
    return _encode(["s", name, value])


def test_a_portrait_alone_may_be_longer_and_is_bounded_too() -> None:
    room = limits.MAX_PORTRAIT_DISCLOSURE_CHARS * 3 // 4 - len('["s", "portrait", ""]')
    assert len(_portrait("x" * room)) == limits.MAX_PORTRAIT_DISCLOSURE_CHARS
    assert parse_disclosure(_portrait("x" * room)).name == "portrait"
    too_long = _portrait("x" * (room + 1))
    for text in (too_long, _portrait("x" * 5000, name="photo"), _portrait(["x" * 5000])):
        with pytest.raises(ParseError) as caught:
            parse_disclosure(text)
        assert caught.value.reason is Reason.TOO_LARGE


def test_the_largest_portrait_fits_its_disclosure() -> None:
    value = b64url(bytes(limits.MAX_PORTRAIT_BYTES))
    text = b64url(b'["%b","portrait","%b"]' % (b"s" * 22, value.encode()))
    assert len(text) <= limits.MAX_PORTRAIT_DISCLOSURE_CHARS
    assert len(text) + 2 * limits.MAX_DISCLOSURE_CHARS < limits.MAX_TOKEN_CHARS
    assert parse_disclosure(text).value == value


# -- all of them in their places --------------------------------------------------------------


def test_claims_and_elements_go_back_to_where_they_were() -> None:
    inner = _disclosure("age", 30)
    person = _disclosure("person", {"_sd": [inner.digest], "name": "张伟"})
    second = _disclosure("b")
    payload = {"_sd": [person.digest], "_sd_alg": "sha-256", "list": ["a", {"...": second.digest}]}
    found = resolve(payload, [inner, second, person], never=NEVER)
    assert found.claims == {"list": ["a", "b"], "person": {"name": "张伟", "age": 30}}
    assert {path: d.encoded for path, d in found.paths.items()} == {
        ("person",): person.encoded,
        ("person", "age"): inner.encoded,
        ("list", 1): second.encoded,
    }


def test_what_is_not_disclosed_leaves_nothing() -> None:
    decoy = b64url(bytes(32))
    payload = {"a": 1, "_sd": [decoy], "list": [{"...": b64url(bytes(31) + b"\1")}, 2]}
    assert _resolve(payload) == {"a": 1, "list": [2]}


def test_an_array_keeps_its_later_positions() -> None:
    third = _disclosure("c")
    found = resolve(
        {"list": [{"...": b64url(bytes(32))}, "b", {"...": third.digest}]}, [third], never=NEVER
    )
    assert found.claims == {"list": ["b", "c"]}
    assert list(found.paths) == [("list", 2)]


CLAIM = _disclosure("name", "张伟")
ELEMENT = _disclosure("张伟")


def test_a_disclosure_that_nothing_refers_to_is_refused() -> None:
    assert "nowhere" in _refused({"a": 1}, CLAIM)
    assert "nowhere" in _refused({"_sd": [CLAIM.digest]}, CLAIM, ELEMENT)


def test_a_child_without_its_parent_is_refused() -> None:
    child = _disclosure("age", 30)
    parent = _disclosure("person", {"_sd": [child.digest]})
    payload = {"_sd": [parent.digest]}
    assert _resolve(payload, parent, child) == {"person": {"age": 30}}
    assert "nowhere" in _refused(payload, child)


def test_the_same_disclosure_twice_is_refused() -> None:
    assert "twice" in _refused({"_sd": [CLAIM.digest]}, CLAIM, CLAIM)


@pytest.mark.parametrize("disclosed", [True, False])
def test_a_digest_stands_once_in_the_whole_token(disclosed: bool) -> None:
    given = [ELEMENT] if disclosed else []
    one = {"...": ELEMENT.digest}
    for payload in (
        {"a": [one, one]},
        {"a": [one], "b": [one]},
        {"a": [one], "b": {"c": [one]}},
    ):
        assert "twice" in _refused(payload, *given)
    claims = [CLAIM] if disclosed else []
    assert "twice" in _refused({"_sd": [CLAIM.digest, CLAIM.digest]}, *claims)
    assert "twice" in _refused({"_sd": [CLAIM.digest], "a": {"_sd": [CLAIM.digest]}}, *claims)
    through = _disclosure("a", {"_sd": [CLAIM.digest]})
    assert "twice" in _refused({"_sd": [through.digest, CLAIM.digest]}, through, *claims)


def test_claims_and_elements_are_not_taken_for_each_other() -> None:
    assert "stands for a claim" in _refused({"_sd": [ELEMENT.digest]}, ELEMENT)
    assert "stands for an element" in _refused({"a": [{"...": CLAIM.digest}]}, CLAIM)


def test_a_disclosed_claim_overwrites_nothing() -> None:
    other = parse_disclosure(_encode(["b3RoZXI", "name", "李四"]))
    assert "overwrites" in _refused({"name": "王五", "_sd": [CLAIM.digest]}, CLAIM)
    assert "overwrites" in _refused({"_sd": [CLAIM.digest, other.digest]}, CLAIM, other)
    # At another level it is another claim.
    assert _resolve({"name": "王五", "a": {"_sd": [CLAIM.digest]}}, CLAIM)["a"]["name"] == "张伟"


@pytest.mark.parametrize("name", sorted(NEVER))
def test_what_must_stay_visible_is_not_disclosable_at_the_top(name: str) -> None:
    hidden = _disclosure(name, "x")
    assert "may not be disclosed" in _refused({"_sd": [hidden.digest]}, hidden)
    assert _resolve({"a": {"_sd": [hidden.digest]}}, hidden) == {"a": {name: "x"}}


@pytest.mark.parametrize(
    "payload",
    [
        {"_sd": CLAIM.digest},
        {"_sd": {"0": CLAIM.digest}},
        {"_sd": None},
        {"_sd": [[CLAIM.digest]]},
        {"_sd": [None]},
        {"_sd": [7]},
        {"_sd": [""]},
        {"_sd": [CLAIM.digest + "="]},
        {"_sd": [CLAIM.digest[:-1]]},
        {"a": [{"...": 7}]},
        {"a": [{"...": ELEMENT.digest, "more": 1}]},
        {"...": ELEMENT.digest},
        {"a": {"...": ELEMENT.digest}},
        {"a": {"_sd_alg": "sha-256"}},
        {"a": [{"_sd_alg": "sha-256"}]},
        {"_sd_alg": "sha-512"},
        {"_sd_alg": "SHA-256"},
        {"_sd_alg": None},
        {"_sd_alg": ["sha-256"]},
    ],
)
def test_a_payload_with_the_marks_in_the_wrong_place_is_refused(payload: dict[str, Any]) -> None:
    _refused(payload)


def test_a_disclosed_value_obeys_the_same_rules() -> None:
    for inner in ({"_sd_alg": "sha-256"}, {"...": "x"}, {"_sd": "x"}, [{"...": 1}]):
        outer = _disclosure("a", inner)
        _refused({"_sd": [outer.digest]}, outer)


def test_disclosures_inside_one_another_are_bounded_in_depth() -> None:
    def nested(levels: int) -> tuple[dict[str, Any], list[Disclosure]]:
        found: list[Disclosure] = []
        inner: Any = 1
        for _ in range(levels):
            found.append(_disclosure("a", inner))
            inner = {"_sd": [found[-1].digest]}
        return inner, found

    payload, disclosures = nested(limits.MAX_JSON_DEPTH)
    _resolve(payload, *disclosures)
    payload, disclosures = nested(limits.MAX_JSON_DEPTH + 1)
    assert "nested deeper" in _refused(payload, *disclosures)
    payload, disclosures = nested(5000)
    assert "nested deeper" in _refused(payload, *disclosures)
