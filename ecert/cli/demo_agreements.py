"""The last steps of the demonstration: several agreements at one window, and a withdrawal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecert.cli.demo_steps import Check, Step
from ecert.demo import demo_region, demo_roots, fixture
from ecert.interop.withdrawal import WithdrawalNotice, WithdrawnEntry
from ecert.issuers.issuer import Issuer
from ecert.model.calendar import office_day
from ecert.model.holders import Holder
from ecert.reasons import Reason
from ecert.trust.roots import Role
from ecert.verify.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.clock import Clock
    from ecert.model.licence import Licence
    from ecert.wallet.wallet import Wallet

_MATTER: Final = "机动车业务"
_NUMBER: Final = "510681199003071237"
_LISTS: Final = ("川渝互认清单", "广安合川互认清单", "泛珠互认清单")
# The nine of the Pan-Pearl sample, and Chongqing; Sichuan comes in the suite that is played.
_PROVINCES: Final = (
    "350000", "360000", "430000", "440000", "450000", "460000", "520000", "530000", "500000",
)  # fmt: skip
_CITY: Final = ("511600", "guangan-hechuan-sample", "广合-01")
_PROVINCE: Final = ("510000", "chuan-yu-sample", "川-05")
_LIFE: Final = timedelta(days=30)


class Agreements:
    """A window in Hechuan that works under three lists at once.

    Args:
        police: Guang'an's police.
        wallet: A holder's wallet.
        card: An identity card in it.
        clock: The time of everybody's clock.
        alg: The suite of all keys in Sichuan.
    """

    def __init__(
        self, police: Issuer, wallet: Wallet, card: Licence, clock: Clock, alg: str
    ) -> None:
        self._police, self._wallet, self._card = police, wallet, card
        self._clock = clock
        self._guizhou = Issuer.demo("贵州省贵阳市公安局", region="520100", clock=clock)
        self._window = Verifier("500117", clock=clock)
        knowledge = self._window.knowledge
        knowledge.pin((*demo_roots("510000", alg=alg), *demo_roots(*_PROVINCES)))
        suffix = "-SM2" if alg == "SGD_SM3_SM2" else ""
        self._lists = {name: fixture(f"{name}{suffix}") for name in _LISTS}
        for document in (police.trust_list(), *self._lists.values()):
            knowledge.accept(document)
        for status_list in police.status_lists():
            knowledge.accept(status_list)

    def play(self) -> Iterator[Step]:
        """Take the three steps."""
        yield self._narrower()
        yield self._not_transitive()
        yield self._withdrawn()

    def _narrower(self) -> Step:
        check = self._check("合川窗口", "in Hechuan", self._card, Reason.OK)
        return Step(
            "合川窗口同时持有川渝、广安—合川、泛珠三份清单：两地直接约定的优先",
            "A window in Hechuan holds three lists at once: what the two places agreed on speaks",
            checks=(check,),
            files={f"list-{number}.json": data
                   for number, data in enumerate(self._lists.values(), start=1)},
        )  # fmt: skip

    def _not_transitive(self) -> Step:
        issuer, knowledge = self._guizhou, self._window.knowledge
        card = issuer.issue(
            "居民身份证",
            number=_NUMBER,
            holder=Holder("张伟", _NUMBER),
            fields={"性别": "男", "民族": "汉族", "出生日期": "1990-03-07",
                    "住址": "贵州省贵阳市示例路1号"},
            valid_until=office_day(self._clock()) + timedelta(days=3650),
        )  # fmt: skip
        self._wallet.add(issuer.deliver(card.id, self._wallet.request(issuer.nonce())))
        knowledge.accept(issuer.trust_list())
        for status_list in issuer.status_lists():
            knowledge.accept(status_list)
        check = self._check("贵州的证照", "a licence of Guizhou", card, Reason.LIST_MISSING)
        return Step(
            "互认不传递：贵州与四川互认，四川与重庆互认，贵州与重庆之间没有清单",
            "Not transitive: Guizhou with Sichuan, Sichuan with Chongqing, but none for the two",
            checks=(check,),
        )

    def _withdrawn(self) -> Step:
        notices = {}
        checks = []
        for name, place, zh, en, expected in (
            ("city", _CITY, "撤回广安—合川条目后，由川渝清单认可",
             "the cities' entry withdrawn, the provinces' list speaks", Reason.OK),
            ("province", _PROVINCE, "再撤回川渝条目后", "and the provinces' as well",
             Reason.TYPE_NOT_LISTED),
        ):  # fmt: skip
            notices[f"notice-{name}.json"] = data = self._notice(*place)
            self._window.knowledge.accept(data)
            checks.append(self._check(zh, en, self._card, expected))
        return Step(
            "紧急撤回：重庆一方签发撤回通知，窗口收到即停止认可",
            "An emergency: Chongqing alone signs notices, and the window stops at once",
            checks=tuple(checks),
            files=notices,
        )

    def _notice(self, list_owner: str, list_id: str, entry: str) -> bytes:
        now = self._clock()
        owner = "500117" if list_owner.startswith("5116") else "500000"
        gone = WithdrawnEntry(entry=entry, on=office_day(now), basis="演示〔2026〕3号")
        notice = WithdrawalNotice(
            owner=owner,
            audience=("000000",),
            version=1,
            issued=now,
            expires=now + _LIFE,
            list_owner=list_owner,
            list_id=list_id,
            withdrawals=(gone,),
        )
        return notice.signed_by(demo_region(owner).signers[Role.RECOGNITION_LIST])

    def _check(self, zh: str, en: str, licence: Licence, expected: Reason) -> Check:
        code = self._wallet.show(licence.id)
        return Check(zh, en, code, self._window.verify(code.text, matter=_MATTER), expected)
