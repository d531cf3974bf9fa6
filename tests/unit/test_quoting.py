from ecert.model.catalogue import builtin
from ecert.quoting import shown_name


def test_a_person_s_number_in_the_place_of_a_name_is_not_repeated() -> None:
    for number in (
        "510681199003071237",
        "51068119900307123X",
        "13812345678",
        "51068119900307123743",
    ):
        assert number[:-4] not in shown_name(number)
        assert shown_name(number).endswith(number[-4:])
    code = builtin().require("机动车驾驶证").code
    assert shown_name(code) == code


def test_a_hostile_name_is_shown_short_and_visible() -> None:
    assert shown_name("一\u202e\x00二") == "一��二"
    assert shown_name("长" * 24) == "长" * 24
    assert shown_name("长" * 25) == "长" * 24 + "…"
