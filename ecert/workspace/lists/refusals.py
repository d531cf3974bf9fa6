"""Why a proposed list cannot be decided on like that."""

from __future__ import annotations

from ecert.errors import CustodyError, ProposalError


def errors_left() -> ProposalError:
    """Return that there are errors in the table."""
    return ProposalError(
        "还有错误没有改正，不能提出", "there are errors left: it cannot be proposed"
    )


def outdated() -> ProposalError:
    """Return that another list is in force by now."""
    return ProposalError(
        "现行清单已经变了，没有提交", "another list is in force by now; nothing was done",
        fix_zh="请按新的差异重新核对；要改版请重新上传表格",
        fix_en="Look at the new differences; for another version upload the table again",
        outdated=True,
    )  # fmt: skip


def another_content() -> ProposalError:
    """Return that what would be kept is not what was looked at."""
    return ProposalError(
        "内容与核对过的不同，没有提交", "it is not what was looked at; nothing was done",
        fix_zh="请重新检查", fix_en="Check it again",
    )  # fmt: skip


def proposed_already() -> ProposalError:
    """Return that the same list waits."""
    return ProposalError(
        "这份清单已经提出", "it has been proposed already", fix_zh="请在“等待处理”中查看",
        fix_en="See what is waiting",
    )  # fmt: skip


def decided_already() -> ProposalError:
    """Return that nothing is left to decide."""
    return ProposalError(
        "已有人处理过", "it has been dealt with", fix_zh="请刷新后再看", fix_en="Look again"
    )


def not_accepted() -> ProposalError:
    """Return that it is not the time for signatures."""
    return ProposalError(
        "还没有第二人接受，或已处理完", "no second person has accepted it, or it has ended",
        fix_zh="请刷新后再看", fix_en="Look again",
    )  # fmt: skip


def same_person(proposer: str) -> ProposalError:
    """Return that one person cannot be both."""
    return ProposalError(
        "接受人须是另一人", "the second person is another than the first",
        fix_zh=f"提出人为{proposer}，请由另一人用自己的令牌登录后接受",
        fix_en=f"Proposed by {proposer}: another person accepts it, with a token of their own",
    )  # fmt: skip


def nothing_new() -> ProposalError:
    """Return that a signed file adds nothing."""
    return ProposalError("文件里没有新的签名", "there is no new signature in the file")


def strange_key() -> ProposalError:
    """Return that nobody who signs for a party has signed."""
    return ProposalError(
        "签名的密钥不是缔约各方的互认清单密钥",
        "no key that has signed it is a party's key for recognition lists",
        fix_zh="请用各方根密钥文件列明的密钥签名",
        fix_en="Sign with the keys that the parties' roots name",
    )  # fmt: skip


def no_key() -> CustodyError:
    """Return that people sign, and not the service."""
    return CustodyError(
        "服务没有清单密钥", "the service has no key for lists",
        fix_zh="请下载草案，用 ecert recognition sign 签名后传回",
        fix_en="Sign the draft with ecert recognition sign and bring it back",
    )  # fmt: skip
