"""The story of ``ecert demo``: a licence of Guang'an at a window in Chongqing, and what follows.

It prints nothing and writes nothing but the holders' wallets, which need a file each.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.cli.demo_agreements import Agreements
from ecert.cli.demo_forger import altered, cut_open, time_of
from ecert.cli.demo_steps import Check, Step
from ecert.demo import demo_roots, fixture
from ecert.issuers.issuer import Issuer
from ecert.model.codes import make_uscc
from ecert.model.holders import Holder
from ecert.reasons import Reason
from ecert.show import scan
from ecert.show.code import ShowCode
from ecert.verify.verifier import Verifier
from ecert.wallet.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.clock import Clock
    from ecert.model.licence import Licence

# Of the demonstration's wallets, which vanish with it.
_PASSPHRASE: Final = "demo wallet"  # noqa: S105
_BUSINESS: Final = "机动车业务"
_LIBRARY: Final = "图书借阅"
# An invented person; the number's check character is right.
_NUMBER: Final = "510681199003071237"
_CARD: Final = {
    "性别": "男",
    "民族": "汉族",
    "出生日期": "1990-03-07",
    "住址": "四川省德阳市什邡市示例路1号",
}
# The same list; in the second Sichuan has signed with SM2.
_LISTS: Final = {"ES256": "川渝互认清单", "SGD_SM3_SM2": "川渝互认清单-SM2"}
_STALE: Final = timedelta(minutes=3)
_DAYS_OFF_LINE: Final = timedelta(days=4)


class Story:
    """The people of the story and the steps they take.

    Args:
        folder: Where the wallets' files may be.
        clock: The time of everybody's clock.
        alg: The suite of all keys in Sichuan, the holders' too; Chongqing's own are ES256.
    """

    def __init__(self, folder: Path, clock: Clock, *, alg: str = "ES256") -> None:
        self._clock, self._alg = clock, alg
        self._police = Issuer.demo("四川省广安市公安局", region="511600", alg=alg, clock=clock)
        market = "四川省广安市广安区市场监督管理局"
        self._market = Issuer.demo(market, region="511602", alg=alg, clock=clock)
        self._window = Verifier("500000", clock=clock)
        self._wallet = Wallet.create(folder / "zhang.wallet", _PASSPHRASE, alg=alg, clock=clock)
        self._shop = Wallet.create(folder / "shop.wallet", _PASSPHRASE, alg=alg, clock=clock)
        self._licence = self._grant()

    def play(self) -> Iterator[Step]:
        """Take the fifteen steps, one after the other."""
        yield self._issue()
        yield self._receive()
        first = self._accept()
        yield first
        yield self._again(first.checks[0].code)
        yield self._stale()
        yield self._tampered()
        yield self._cut_open()
        yield self._not_listed()
        yield self._wrong_matter()
        yield self._suspended()
        yield self._revoked()
        card = self._identity_card()
        yield self._off_line(card)
        yield from Agreements(self._police, self._wallet, card, self._clock, self._alg).play()

    # -- the steps ----------------------------------------------------------------------------

    def _issue(self) -> Step:
        licence = self._licence
        return Step(
            "四川省广安市公安局颁发机动车驾驶证",
            "Guang'an's police issue a driving licence",
            (
                f"张伟，准驾车型 C1，证照标识 {licence.id}",
                f"Zhang Wei, class C1, licence id {licence.id}",
            ),
            files={
                "licence.json": _json(licence.to_dict()),
                "licence.sd-jwt": self._police.file(licence.id).encode("ascii"),
            },
        )

    def _receive(self) -> Step:
        _deliver(self._police, self._licence, self._wallet)
        code = self._wallet.show(self._licence.id)
        return Step(
            "持证人的卡包领取证照并亮证",
            "The holder's wallet receives the licence and shows it",
            (
                f"亮证码 {len(code.text)} 位数字，二维码第 {code.qr_version} 号规格，60 秒内有效",
                f"{len(code.text)} digits, QR version {code.qr_version}, good for 60 seconds",
            ),
            files={"show-code.png": code.png(), "show-code.txt": f"{code.text}\n".encode("ascii")},
        )

    def _accept(self) -> Step:
        lists = {
            "trust-list-guangan.json": self._police.trust_list(),
            "trust-list-guangan-district.json": self._market.trust_list(),
            "status-list-guangan.jwt": self._police.status_list().encode("ascii"),
            "status-list-guangan-district.jwt": self._market.status_list().encode("ascii"),
            "recognition-list.json": fixture(_LISTS[self._alg]),
        }
        roots = (*demo_roots("510000", alg=self._alg), *demo_roots("500000"))
        self._window.knowledge.pin(roots)
        for document in lists.values():
            self._window.knowledge.accept(document)
        # By way of a picture, as a phone's screen is scanned.
        code = self._wallet.show(self._licence.id)
        code = ShowCode(scan.read(code.png()))
        kept = {f"roots-{number}.json": data for number, data in enumerate(roots, start=1)}
        return Step(
            "重庆窗口扫码（断网），办理机动车业务",
            "A window in Chongqing scans it off line, for vehicle business",
            checks=(self._check("扫描图片", "the picture is scanned", code, Reason.OK),),
            files=kept | lists,
        )

    def _again(self, code: ShowCode) -> Step:
        return Step(
            "同一个码再扫一次",
            "The same code is scanned again",
            checks=(self._check("第二次", "the second time", code, Reason.REPLAYED),),
        )

    def _stale(self) -> Step:
        code = self._wallet.show(self._licence.id, at=self._clock() - _STALE)
        return Step(
            "三分钟前生成的码（截屏转发）",
            "A code made three minutes ago (a forwarded screenshot)",
            checks=(self._check("过时的码", "a stale code", code, Reason.CODE_EXPIRED),),
        )

    def _tampered(self) -> Step:
        code = self._wallet.show(self._licence.id)
        # CBOR text of two characters: the class of vehicle, and nothing else in the code.
        other_class = altered(code, b"\x62C1", b"\x62A1")
        stale = self._wallet.show(self._licence.id, at=self._clock() - _STALE)
        other_time = altered(stale, time_of(stale), time_of(code))
        return Step(
            "内容被改动，校验位补对",
            "The content is altered, and the check digits put right",
            checks=(
                self._check("C1 改成 A1", "C1 made A1", other_class, Reason.SIGNATURE),
                self._check("改生成时间", "its time moved", other_time, Reason.SIGNATURE),
            ),
        )

    def _cut_open(self) -> Step:
        paper = cut_open(self._wallet.show(self._licence.id))
        return Step(
            "翻拍的码被拆开，冒充纸质码",
            "A photographed code is cut open and dressed as a printed one",
            checks=(self._check("冒充纸质码", "as if printed", paper, Reason.HOLDER_PROOF),),
        )

    def _not_listed(self) -> Step:
        licence = self._market.issue(
            "食品经营许可证",
            number="JY25116020012345",
            holder=Holder.enterprise("广安市广安区好味餐馆", make_uscc("92", "511602", "MA6800X1")),
            fields={
                "主体业态": "餐饮服务经营者",
                "经营项目": "热食类食品制售",
                "经营场所": "四川省广安市广安区示例街1号",
                "法定代表人": "李强",
            },
            valid_until=self._clock().date() + timedelta(days=3 * 365),
        )
        _deliver(self._market, licence, self._shop)
        code = self._shop.show(licence.id)
        check = self._check(
            "食品经营许可证", "a food business licence", code, Reason.TYPE_NOT_LISTED, "食品经营"
        )
        return Step(
            "互认清单未列入的证照（广安区市场监管局颁发的食品经营许可证）",
            "A type that the recognition list leaves out (a food business licence)",
            checks=(check,),
            files={"food-licence.json": _json(licence.to_dict())},
        )

    def _wrong_matter(self) -> Step:
        code = self._wallet.show(self._licence.id)
        return Step(
            "用驾驶证借书：清单未列入此事项",
            "A driving licence for borrowing books: not on the list for that",
            checks=(
                self._check(
                    "图书借阅", "borrowing books", code, Reason.MATTER_NOT_COVERED, _LIBRARY
                ),
            ),
        )

    def _suspended(self) -> Step:
        self._police.suspend(self._licence.id, reason="演示：暂扣", document="演示〔2026〕2号")
        self._fetch_status()
        suspended = self._show_and_check("暂扣后", "suspended", Reason.SUSPENDED)
        self._police.reinstate(self._licence.id, reason="演示：发还")
        self._fetch_status()
        reinstated = self._show_and_check("解除暂扣后", "reinstated", Reason.OK)
        return Step(
            "暂扣，再解除暂扣",
            "Suspended, then reinstated",
            checks=(suspended, reinstated),
        )

    def _revoked(self) -> Step:
        self._police.revoke(self._licence.id, reason="演示：吊销", document="演示〔2026〕1号")
        self._fetch_status()
        check = self._show_and_check("吊销后", "revoked", Reason.REVOKED)
        return Step("吊销", "Revoked", checks=(check,))

    def _off_line(self, card: Licence) -> Step:
        later = self._clock() + _DAYS_OFF_LINE
        code = self._wallet.show(card.id, at=later)
        verdict = self._window.verify(code.text, matter=_BUSINESS, at=later)
        check = Check("断网四天后", "after four days", code, verdict, Reason.STATUS_STALE)
        return Step(
            "窗口断网四天，状态表已过期（出示居民身份证）",
            "The window is off line for four days, its status list out of date (an identity card)",
            checks=(check,),
        )

    # -- what they do over and over -------------------------------------------------------------

    def _identity_card(self) -> Licence:
        # Another licence: what a stale list says against the revoked one would still stand.
        card = self._police.issue(
            "居民身份证",
            number=_NUMBER,
            holder=Holder("张伟", _NUMBER),
            fields=_CARD,
            valid_until=self._clock().date() + timedelta(days=10 * 365),
        )
        _deliver(self._police, card, self._wallet)
        self._fetch_status()
        return card

    def _grant(self) -> Licence:
        return self._police.issue(
            "机动车驾驶证",
            number=_NUMBER,
            holder=Holder("张伟", _NUMBER),
            fields={"准驾车型": "C1", "性别": "男", "初次领证日期": "2015-06-01"},
            valid_until=self._clock().date() + timedelta(days=5 * 365),
        )

    def _show_and_check(self, zh: str, en: str, expected: Reason) -> Check:
        return self._check(zh, en, self._wallet.show(self._licence.id), expected)

    def _check(
        self, zh: str, en: str, code: ShowCode, expected: Reason, matter: str = _BUSINESS
    ) -> Check:
        return Check(zh, en, code, self._window.verify(code.text, matter=matter), expected)

    def _fetch_status(self) -> None:
        # The trust list too: it names the status lists, and each year of expiry has one.
        self._window.knowledge.accept(self._police.trust_list())
        for document in self._police.status_lists():
            self._window.knowledge.accept(document)


def _deliver(issuer: Issuer, licence: Licence, wallet: Wallet) -> None:
    wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))


def _json(plain: dict[str, Any]) -> bytes:
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2)
