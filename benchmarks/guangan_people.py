"""Invented persons and bodies by number: the same number is always the same one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

from ecert.model.codes import make_uscc, resident_id_check_character

REGIONS: Final = ("511602", "511603", "511621", "511622", "511623", "511681")
ADDRESSES: Final = tuple(
    f"四川省广安市{district}示例路{number}号"
    for district in ("广安区", "前锋区", "岳池县", "武胜县", "邻水县", "华蓥市")
    for number in range(1, 60)
)
_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻"
# The last are beyond the characters of GB 2312, and of the Basic Multilingual Plane.
_GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂玉萍红娥玲芬燕彬龙丹兰凤洁梅琳素云莲"
    "真雪荣爱妹香月莺媛瑾颖露瑶怡婵雁蓓纨仪荷竜㛃䶮𬱖"
)
_TRADES: Final = ("商贸", "运输", "餐饮", "建材", "农业", "环保", "文化", "医药")
_FIRST_DAY: Final = date(1940, 1, 1)
_DAYS: Final = 24_000
_ORDERS: Final = 999
_PERSONS: Final = len(REGIONS) * _DAYS * _ORDERS
# Without a common factor with any of these, so that neighbours are strangers and none comes twice.
_STEP: Final = 57_885_161
_ORGANISATIONS: Final = 10**6


class Party(NamedTuple):
    """A holder: name and number."""

    name: str
    number: str


def person(number: int) -> Party:
    """Return an invented person with a valid resident id."""
    place, region = divmod(number * _STEP % _PERSONS, len(REGIONS))
    order, day = divmod(place, _DAYS)
    born = _FIRST_DAY + timedelta(days=day)
    seventeen = f"{REGIONS[region]}{born:%Y%m%d}{order + 1:03d}"
    return Party(person_name(number), seventeen + resident_id_check_character(seventeen))


def person_name(number: int) -> str:
    """Return an invented name of two or three characters."""
    number, surname = divmod(number, len(_SURNAMES))
    number, first = divmod(number, len(_GIVEN))
    second = number % (2 * len(_GIVEN))
    rest = _GIVEN[second] if second < len(_GIVEN) else ""
    return _SURNAMES[surname] + _GIVEN[first] + rest


def body(number: int) -> Party:
    """Return an invented company with a valid unified social credit code."""
    place, organisation = divmod(number, _ORGANISATIONS)
    prefix = ("MA", "MB", "MC", "MD")[place // len(REGIONS) % 4]
    region = REGIONS[place % len(REGIONS)]
    code = make_uscc("91", region, f"{prefix}{organisation:06d}")
    trade = _TRADES[number % len(_TRADES)]
    return Party(f"广安市示例{number}号{trade}有限公司", code)
