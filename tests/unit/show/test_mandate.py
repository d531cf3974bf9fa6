"""The mandate's bytes: one form, strict bounds, and nothing that only looks like one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import FormatError, ParseError, ProofError
from ecert.reasons import Reason
from ecert.show import agent, compact, digits, mandate, offline
from ecert.show.agent import Agent
from ecert.show.compact import CompactClaims, CompactKind
from ecert.show.digits import CodeKind
from ecert.show.mandate import CoveredLicence, MandateClaims, MandatePlace
from ecert.sign import cose, jws
from ecert.sign.keys import PrivateKey
from ecert.sign.suites import SUITES

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = [
    PrivateKey.from_scalar(suite.alg, bytes(31) + bytes([number]))
    for suite in SUITES
    for number in range(1, 5)
]
PRINCIPAL, AGENT = KEYS[0], KEYS[1]
_NAMES = st.sampled_from(["李娜", "阿依古丽·买买提", "O'Brien", "Jean-Luc", "𠮷野", "司马相如"])
_TEXTS = st.text("事项机动车业务ABC 〔〕（）", min_size=1, max_size=100)
_CLAIMS = st.builds(
    MandateClaims,
    id=st.binary(min_size=8, max_size=8),
    agent=st.builds(
        Agent, _NAMES, st.from_regex("[0-9A-Z]{4}", fullmatch=True),
        st.sampled_from([key.public for key in KEYS]),
    ),
    licences=st.lists(
        st.builds(
            CoveredLicence,
            st.binary(min_size=16, max_size=16),
            st.sets(st.integers(1, 15), min_size=1).map(lambda found: tuple(sorted(found))),
        ),
        min_size=1, max_size=8, unique_by=lambda one: one.digest,
    ).map(tuple),
    matters=st.just(("*",))
    | st.lists(_TEXTS, min_size=1, max_size=4, unique=True).map(tuple),
    begins=st.integers(0, 2**31).map(lambda s: datetime.fromtimestamp(s, UTC)),
    ends=st.integers(2**31 + 1, 2**32).map(lambda s: datetime.fromtimestamp(s, UTC)),
    place=st.builds(
        MandatePlace, st.from_regex("[0-9A-Z]{1,18}", fullmatch=True),
        st.integers(1, 10**9 - 1), st.integers(0, 10**9 - 1),
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(claims=_CLAIMS, signer=st.sampled_from(KEYS))
def test_what_is_signed_is_read_again(claims: MandateClaims, signer: PrivateKey) -> None:
    data = mandate.sign(claims, signer)
    opened = mandate.parse(data)
    assert opened.claims == claims
    assert opened.data == data
    opened.sign1.verify(signer.public)
    assert cbor2.dumps(cbor2.loads(opened.sign1.payload)) == opened.sign1.payload
    assert MandatePlace.parse(str(claims.place)) == claims.place


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300) | st.binary(max_size=200).map(lambda b: b"\xd2\x84" + b))
def test_any_bytes_are_a_mandate_or_a_parse_error(data: bytes) -> None:
    with pytest.raises(ParseError):
        mandate.parse(data)


_CBOR = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.text(max_size=9)
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.integers(-4, 9), inner, max_size=5),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(key=st.integers(0, 8), value=_CBOR)
def test_any_value_in_any_field_is_right_or_a_parse_error(key: int, value: object) -> None:
    payload = RIGHT | {key: value}
    try:
        claims = mandate.parse(signed(dict(sorted(payload.items())))).claims
    except ParseError:
        return
    # Whatever passes can be written again, byte for byte.
    assert mandate.parse(mandate.sign(claims, PRINCIPAL)).claims == claims


def signed(payload: object, *, kid: bytes | None = None) -> bytes:
    return cose.sign1(cbor2.dumps(payload), PRINCIPAL, kid=kid)


RIGHT: dict[int, Any] = {
    0: 4,
    1: bytes(range(8)),
    2: ["李娜", "002X"],
    3: AGENT.public.cose_key(),
    4: [[bytes(16), 1]],
    5: ["机动车业务"],
    6: [1_795_312_800, 1_797_904_800],
    7: ["11511623008888888K", 3, 70231],
}
D = [bytes([number]) * 16 for number in range(9)]


def test_the_right_one_parses() -> None:
    claims = mandate.parse(signed(RIGHT)).claims
    assert claims.agent == Agent("李娜", "002X", AGENT.public)
    assert claims.begins == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    assert str(claims.place) == "11511623008888888K/3-70231"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({0: 3}, "mandate.0"),
        ({0: True}, "mandate.0"),
        ({1: bytes(7)}, "mandate.1"),
        ({1: "12345678"}, "mandate.1"),
        ({2: ["李娜"]}, "mandate.2"),
        ({2: ["李娜", None]}, "mandate.2"),
        ({2: ["", "002X"]}, "mandate.2"),
        ({2: ["李" * 51, "002X"]}, "mandate.2"),
        ({2: ["李娜\n核验通过", "002X"]}, "mandate.2"),
        ({2: ["李娜（本人）", "002X"]}, "mandate.2"),
        ({2: ["李娜1", "002X"]}, "mandate.2"),
        ({2: ["·李娜", "002X"]}, "mandate.2"),
        ({2: [" 李娜", "002X"]}, "mandate.2"),
        ({2: ["李\u202e娜", "002X"]}, "mandate.2"),
        ({2: ["李\ue000娜", "002X"]}, "mandate.2"),
        ({2: ["李娜", "02X"]}, "mandate.2"),
        ({2: ["李娜", "002x"]}, "mandate.2"),
        ({2: ["李娜", "００２Ｘ"]}, "mandate.2"),
        ({3: {}}, ""),
        ({4: []}, "mandate.4"),
        ({4: [[one, 1] for one in D]}, "mandate.4"),
        ({4: [[D[0], 1], [D[0], 2]]}, "mandate.4"),
        ({4: [[D[0]]]}, "mandate.4"),
        ({4: [[bytes(15), 1]]}, "mandate.4"),
        ({4: [[D[0], 0]]}, "mandate.4"),
        ({4: [[D[0], 16]]}, "mandate.4"),
        ({4: [[D[0], True]]}, "mandate.4"),
        ({4: [[D[0], 2, 1]]}, "mandate.4"),
        ({4: [[D[0], 1, 1]]}, "mandate.4"),
        ({5: []}, "mandate.5"),
        ({5: [f"{number}" for number in range(limits.MAX_MANDATE_MATTERS + 1)]}, "mandate.5"),
        ({5: ["事" * (limits.MAX_MANDATE_MATTER_CHARS + 1)]}, "mandate.5"),
        ({5: [""]}, "mandate.5"),
        ({5: [1]}, "mandate.5"),
        ({5: ["*", "机动车业务"]}, "mandate.5"),
        ({5: ["机动车业务", "机动车业务"]}, "mandate.5"),
        ({5: ["机动车\u200b业务"]}, "mandate.5"),
        ({5: "*"}, "mandate.5"),
        ({6: [1, 1]}, "mandate.6"),
        ({6: [2, 1]}, "mandate.6"),
        ({6: [-1, 1]}, "mandate.6"),
        ({6: [1, limits.MAX_NUMERIC_DATE + 1]}, "mandate.6"),
        ({6: [False, 1]}, "mandate.6"),
        ({7: ["", 3, 1]}, "mandate.7"),
        ({7: ["1" * 19, 3, 1]}, "mandate.7"),
        ({7: ["abc", 3, 1]}, "mandate.7"),
        ({7: ["1", 0, 1]}, "mandate.7"),
        ({7: ["1", 1, -1]}, "mandate.7"),
        ({7: ["1", 10**9, 1]}, "mandate.7"),
        ({7: ["1", 1]}, "mandate.7"),
        ({8: 1}, "mandate"),
    ],
)  # fmt: skip
def test_every_bound_is_kept(change: dict[int, Any], where: str) -> None:
    with pytest.raises(ParseError) as caught:
        mandate.parse(signed(RIGHT | change))
    assert caught.value.reason is Reason.MALFORMED
    if where:
        assert caught.value.where == where


@pytest.mark.parametrize(
    "change",
    [
        {2: ["李" * 50, "002X"]},
        {4: [[one, *range(1, 16)] for one in D[:8]]},
        {5: [f"{number}" for number in range(limits.MAX_MANDATE_MATTERS)]},
        {5: ["事" * limits.MAX_MANDATE_MATTER_CHARS]},
        {6: [0, limits.MAX_NUMERIC_DATE]},
        {7: ["1" * 18, 10**9 - 1, 10**9 - 1]},
    ],
    ids=str,
)
def test_at_every_limit_it_still_parses(change: dict[int, Any]) -> None:
    assert mandate.parse(signed(RIGHT | change))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: signed(dict(reversed(RIGHT.items()))),
        lambda: signed({key: value for key, value in RIGHT.items() if key != 7}),
        lambda: signed(list(RIGHT.values())),
        lambda: signed(RIGHT, kid=bytes(8)),
        lambda: signed(RIGHT) + b"\x00",
        lambda: cose.sign1(cbor2.dumps(RIGHT) + b"\x00", PRINCIPAL),
    ],
)
def test_no_other_shape_parses(spoil: Callable[[], bytes]) -> None:
    with pytest.raises(ParseError):
        mandate.parse(spoil())


def test_a_mandate_is_no_longer_than_its_bound() -> None:
    full = [f"{number}" + "事" * 99 for number in range(5)]
    sizes = {
        len(data): data
        for length in range(1, 101)
        for more in (["a" * length, *(letter * 100 for letter in "bcd")],)
        for data in [signed(RIGHT | {5: [*full, *more]})]
    }
    assert mandate.parse(sizes[limits.MAX_MANDATE_BYTES])
    with pytest.raises(ParseError) as caught:
        mandate.parse(sizes[limits.MAX_MANDATE_BYTES + 1])
    assert caught.value.reason is Reason.TOO_LARGE


def test_what_cannot_be_read_is_not_signed() -> None:
    claims = mandate.parse(signed(RIGHT)).claims
    with pytest.raises(ParseError):
        mandate.sign(claims._replace(matters=()), PRINCIPAL)


@pytest.mark.parametrize(
    "change",
    [{7: None}, {7: "x"}, {7: b""}, {7: [signed(RIGHT)]}, {7: signed(RIGHT)[:-1]}, {8: b""}],
    ids=["null", "text", "empty", "a list", "cut short", "key 8"],
)
def test_a_show_code_carries_a_mandate_or_none(change: dict[int, Any]) -> None:
    payload = {0: 3, 1: 1_795_312_800, 2: 60, 3: bytes(8), 5: [_credential()], **change}
    data = cose.sign1(cbor2.dumps(payload), AGENT)
    with pytest.raises(ParseError):
        offline.read(digits.encode(CodeKind.SELF_CONTAINED, data))


def test_a_show_code_with_a_mandate_is_proven_by_the_agents_key() -> None:
    text = offline.write_show_code(
        [_credential()], AGENT, made=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
        challenge="4711", mandate=signed(RIGHT),
    )  # fmt: skip
    shown = offline.read(text)
    assert shown.mandate is not None
    assert shown.proof is not None
    assert (shown.proof.key, shown.proof.challenge) == (AGENT.public, "4711")
    assert shown.credentials[0].claims.holder_key == PRINCIPAL.public
    shown.proof.verify()
    shown.mandate.sign1.verify(PRINCIPAL.public)


def _credential() -> bytes:
    claims = CompactClaims(
        CompactKind.WALLET, "111000009999999986001", "115116003189451948", "ABC", 1, "511600",
        1, 7, date(2026, 1, 1), date(2026, 1, 1), None, 1, (("张伟", "1237"),), {},
        PRINCIPAL.public,
    )  # fmt: skip
    return compact.sign(claims, KEYS[2])


def test_two_mandates_name_one_licence_differently() -> None:
    claims = compact.parse(_credential()).claims
    first, second = (mandate.licence_digest(bytes([number]) * 8, claims) for number in (1, 2))
    assert len({first, second}) == 2
    # And one mandate names each licence, and each of its versions, by itself.
    for other in ({"version": 2}, {"serial": "ABD"}, {"type_code": "111000009999999986002"},
                  {"issuer_code": "115116003189451949"}):  # fmt: skip
        assert mandate.licence_digest(bytes([1]) * 8, claims._replace(**other)) != first
    # The profile does not count: it is listed beside.
    assert mandate.licence_digest(bytes([1]) * 8, claims._replace(profile=2)) == first


# -- the agent's request ---------------------------------------------------------------------------


def test_a_request_names_the_agent_and_the_key() -> None:
    token = agent.make_request("李娜", "002X", AGENT, at=1)
    assert agent.open_request(token) == Agent("李娜", "002X", AGENT.public)


@pytest.mark.parametrize(("name", "number"), [("", "002X"), ("李娜", "510681199003071237")])
def test_a_request_is_made_in_form_only(name: str, number: str) -> None:
    with pytest.raises(FormatError):
        agent.make_request(name, number, AGENT, at=1)


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "ecert-proof+jwt"}, {}),
        ({"typ": agent.TYP}, {"more": 1}),
        ({"typ": agent.TYP}, {"jwk": None}),
        ({"typ": agent.TYP}, {"jwk": PRINCIPAL.public.jwk()}),
        ({"typ": agent.TYP}, {"name": 1}),
        ({"typ": agent.TYP}, {"number": None}),
        ({"typ": agent.TYP}, {"iat": True}),
    ],
)
def test_no_other_token_is_a_request(header: dict[str, Any], claims: dict[str, Any]) -> None:
    import orjson

    right = {"name": "李娜", "number": "002X", "iat": 1, "jwk": AGENT.public.jwk()}
    token = jws.sign(header, orjson.dumps(right | claims), AGENT)
    with pytest.raises(ProofError):
        agent.open_request(token)


@pytest.mark.parametrize(
    "text", ["", "x/1-2", "1/0-2", "1/1-02", "1-2", "1/1-2 ", "1" * 19 + "/1-2"]
)
def test_a_place_has_one_form(text: str) -> None:
    with pytest.raises(FormatError, match="不是委托登记号"):
        MandatePlace.parse(text)
