"""The table of suites is closed: what is not in it does not exist."""

from __future__ import annotations

import pytest

from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign import suites


def test_each_name_and_number_stands_for_one_suite() -> None:
    assert len({suite.alg for suite in suites.SUITES}) == len(suites.SUITES)
    assert len({suite.cose_alg for suite in suites.SUITES}) == len(suites.SUITES)
    assert len({suite.crv for suite in suites.SUITES}) == len(suites.SUITES)
    assert len({suite.cose_crv for suite in suites.SUITES}) == len(suites.SUITES)
    for suite in suites.SUITES:
        assert suites.by_alg(suite.alg) is suite
        assert suites.by_crv(suite.crv) is suite
        assert suites.by_cose_crv(suite.cose_crv) is suite


def test_es256_has_its_registered_numbers() -> None:
    suite = suites.by_alg("ES256")
    assert (suite.cose_alg, suite.crv, suite.cose_crv) == (-7, "P-256", 1)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "es256", "ES256 ", "RS256", ""])
def test_no_weak_or_misspelt_algorithm_is_in_the_table(alg: str) -> None:
    with pytest.raises(ParseError) as caught:
        suites.by_alg(alg)
    assert caught.value.reason is Reason.ALGORITHM


def test_unknown_curves_are_refused() -> None:
    with pytest.raises(ParseError) as by_name:
        suites.by_crv("P-384")
    with pytest.raises(ParseError) as by_number:
        suites.by_cose_crv(8)
    assert by_name.value.reason is by_number.value.reason is Reason.ALGORITHM
