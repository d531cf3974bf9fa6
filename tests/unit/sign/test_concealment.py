"""Concealment: what is hidden leaves nothing behind but a digest that cannot be guessed."""

from __future__ import annotations

import functools
import hashlib
import json
import operator
import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecert.sign.concealment import Concealment, Hide, Salts, conceal
from ecert.sign.strict import b64url, b64url_decode
from tests.unit.sign import claim_trees


def test_a_hidden_claim_leaves_a_digest_and_a_disclosure() -> None:
    payload, disclosures = conceal({"iss": "x", "name": Hide("张伟")})
    (disclosure,) = disclosures
    salt, name, value = json.loads(b64url_decode(disclosure))
    assert (name, value) == ("name", "张伟")
    # RFC 9901 §4.2.1: 128 bits of salt.
    assert len(b64url_decode(salt)) == 16
    digest = b64url(hashlib.sha256(disclosure.encode()).digest())
    assert payload == {"iss": "x", "_sd": [digest], "_sd_alg": "sha-256"}


def test_a_hidden_element_keeps_its_place() -> None:
    payload, disclosures = conceal({"list": ["a", Hide("b"), "c"]})
    (disclosure,) = disclosures
    assert json.loads(b64url_decode(disclosure))[1:] == ["b"]
    digest = b64url(hashlib.sha256(disclosure.encode()).digest())
    assert payload["list"] == ["a", {"...": digest}, "c"]


def test_where_nothing_is_hidden_nothing_is_added() -> None:
    claims = {"a": [1, {"b": None}], "c": "x"}
    assert conceal(claims) == (claims, [])


def test_hidden_things_may_stand_inside_hidden_things() -> None:
    payload, disclosures = conceal({"a": Hide({"b": Hide([Hide(1)])})})
    # The innermost comes first, because the outer ones contain its digest.
    values = [json.loads(b64url_decode(disclosure))[-1] for disclosure in disclosures]
    assert values[0] == 1
    assert list(values[1][0]) == ["..."]
    assert list(values[2]) == ["_sd"]
    assert payload.keys() == {"_sd", "_sd_alg"}


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
@pytest.mark.parametrize("wrap", [lambda c: c, lambda c: {"a": [c]}, lambda c: {"a": Hide(c)}])
def test_a_reserved_name_is_refused_wherever_it_stands(name: str, wrap: Any) -> None:
    with pytest.raises(ValueError, match="reserved"):
        conceal(wrap({name: "x"}))


def test_the_order_of_digests_does_not_tell_the_order_of_claims() -> None:
    names = [f"name{number}" for number in range(8)]
    orders = set()
    for _ in range(20):
        payload, disclosures = conceal({name: Hide(1) for name in names})
        assert payload["_sd"] == sorted(payload["_sd"])
        digests = [b64url(hashlib.sha256(d.encode()).digest()) for d in disclosures]
        orders.add(tuple(payload["_sd"].index(digest) for digest in digests))
    assert len(orders) == 20


def test_no_salt_is_used_twice() -> None:
    _, disclosures = conceal({"list": [Hide(True)] * 10_000})
    salts = {json.loads(b64url_decode(disclosure))[0] for disclosure in disclosures}
    assert len(salts) == 10_000


@pytest.mark.parametrize("at_once", [0, 1, 7, 8, 40, 1_000])
def test_every_salt_is_128_canonical_random_bits_however_many_are_drawn(at_once: int) -> None:
    concealment = Concealment(Salts(at_once))
    digests = concealment.claims({f"name{number}": number for number in range(100)})
    element = concealment.element("x")
    rows = [json.loads(b64url_decode(one.decode())) for one in concealment.disclosures]
    # `b64url_decode` takes nothing but what encoding the 16 bytes alone would write.
    salts = [b64url_decode(row[0]) for row in rows]
    assert {len(salt) for salt in salts} == {16}
    assert len(set(salts)) == 101
    # Every one of the 128 bits is random: none is the same in all salts.
    union = functools.reduce(operator.or_, map(int.from_bytes, salts))
    common = functools.reduce(operator.and_, map(int.from_bytes, salts))
    assert (union.bit_count(), common.bit_count()) == (128, 0)
    hashes = [b64url(hashlib.sha256(one).digest()) for one in concealment.disclosures]
    assert sorted(hashes[:-1]) == digests
    assert element == {"...": hashes[-1]}


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_no_hidden_claim_takes_a_reserved_name(name: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        Concealment().claims({"a": 1, name: 2})


def test_salts_shared_by_many_credentials_are_given_out_once() -> None:
    salts = Salts(10)
    drawn = [salt for count in (0, 3, 9, 1, 25, 2) for salt in salts.take(count)]
    assert len(set(drawn)) == len(drawn) == 40


def test_salts_shared_by_threads_are_given_out_once() -> None:
    """Both threads stand between reading and removing, if nothing keeps them apart."""
    both = threading.Barrier(2, timeout=0.3)

    class Drawn(list[bytes]):
        def __getitem__(self, place: Any) -> Any:
            found = super().__getitem__(place)
            with suppress(threading.BrokenBarrierError):
                both.wait()
            return found

    salts, taken = Salts(10), []
    salts._drawn = Drawn(salts.take(10))
    threads = [threading.Thread(target=lambda: taken.append(salts.take(3))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one, other = taken
    assert len({*one, *other}) == 6


_TEXTS = st.dictionaries(
    (st.text(min_size=1) | st.just("],[")).filter(
        lambda name: name not in {"_sd", "...", "_sd_alg"}
    ),
    # What might look like the seam between two disclosures.
    st.text()
    | st.sampled_from(["],[", '"],["', '"],[', '"', "\\", '\\"],["', '["', '"]', "\n", ""])
    | st.sampled_from([",", '",', ",\n  ", '",\n  "', "\n]", "[\n  "]),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_TEXTS, max_size=4))
@example([{"a": 'x"],[', "b": "y"}])
def test_texts_of_several_objects_are_hidden_as_each_alone(objects: list[dict[str, str]]) -> None:
    together = Concealment()
    digests = together.texts(*objects)
    disclosures = iter(together.disclosures)
    assert len(digests) == len(objects)
    for members, hidden in zip(objects, digests, strict=True):
        own = [next(disclosures) for _ in members]
        rows = [json.loads(b64url_decode(one.decode())) for one in own]
        assert [(name, value) for _, name, value in rows] == list(members.items())
        assert hidden == sorted(b64url(hashlib.sha256(one).digest()) for one in own)
    assert next(disclosures, None) is None
    assert [b64url(one).encode() for one in together.plain] == together.disclosures


def test_only_text_is_hidden_so() -> None:
    for value in (1, None, True, ["a"], {"a": "b"}):
        with pytest.raises(TypeError, match="only text"):
            Concealment().texts({"a": "x", "b": value})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="reserved"):
        Concealment().texts({"a": "x"}, {"_sd": "x"})


@settings(max_examples=100, deadline=None)
@given(claim_trees.claims)
def test_nothing_hidden_is_left_in_the_payload(claims: dict[str, Any]) -> None:
    payload, disclosures = conceal(claims)
    assert len(disclosures) == len(claim_trees.hidden_paths(claims))
    assert _without_digests(payload) == claim_trees.expected(claims, lambda _: False)


def _without_digests(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_digests(v) for k, v in node.items() if k not in {"_sd", "_sd_alg"}}
    if isinstance(node, list):
        return [_without_digests(element) for element in node if not _is_digest(element)]
    return node


def _is_digest(element: Any) -> bool:
    return isinstance(element, dict) and element.keys() == {"..."}
