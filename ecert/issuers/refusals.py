"""What a register says when it refuses; every register says it in the same words."""

from __future__ import annotations

from ecert.errors import RegisterError, RequestConflictError, UnknownLicenceError


def unknown_licence(licence_id: str) -> UnknownLicenceError:
    """Refuse a licence id that the register does not hold."""
    return UnknownLicenceError(
        "证照库中没有这份证照", "the register holds no such licence", where=licence_id,
        fix_zh="请核对证照标识，并确认由本机构颁发",
        fix_en="Compare the licence id, and whether this authority issued it",
    )  # fmt: skip


def unknown_credential(credential_id: str) -> UnknownLicenceError:
    """Refuse a credential id that the register does not hold."""
    return UnknownLicenceError(
        "证照库中没有这份签发件", "the register holds no such credential", where=credential_id
    )


def unknown_portrait(digest: str) -> RegisterError:
    """Refuse a portrait that the register does not hold."""
    return RegisterError(
        "证照库中没有这张照片", "the register holds no such portrait", where=digest[:8],
        fix_zh="请从备份恢复", fix_en="Restore it from a backup",
    )  # fmt: skip


def licence_exists(licence_id: str) -> RegisterError:
    """Refuse a second licence with the same id."""
    return RegisterError(
        "证照标识已在证照库中", "the register holds a licence with this id already",
        where=licence_id, fix_zh="每份证照应有自己的流水号",
        fix_en="Each licence needs a serial of its own",
    )  # fmt: skip


def credential_exists(credential_id: str) -> RegisterError:
    """Refuse a second credential with the same id."""
    return RegisterError(
        "签发件编号已在证照库中", "the register holds a credential with this id already",
        where=credential_id,
    )  # fmt: skip


def signed_otherwise(credential_id: str) -> RegisterError:
    """Refuse to replace what was signed: one credential has one set of signed bytes."""
    return RegisterError(
        "该签发件已签名，不能换成别的内容",
        "this credential is signed already, with other bytes",
        where=credential_id, fix_zh="请使用证照库中已有的签发件",
        fix_en="Use the signed credential that the register holds",
    )  # fmt: skip


def index_refused(list_number: int, index: int) -> RegisterError:
    """Refuse a status index that was not allocated, or serves another credential."""
    return RegisterError(
        "状态位未经分配，或已属于别的签发件",
        "this status index was not allocated, or serves another credential",
        where=f"{list_number}#{index}",
    )


def request_used(request_id: str) -> RequestConflictError:
    """Refuse a request id that was used before."""
    return RequestConflictError(
        "申请号已用于另一次申请", "this request id was used before", where=request_id,
        fix_zh="新申请请换新的申请号；重试请保持内容不变",
        fix_en="Use a new request id for new business, and the same content for a retry",
    )  # fmt: skip


def nonce_exists() -> RegisterError:
    """Refuse a nonce that is registered already; its digest is no one's business."""
    return RegisterError("随机数重复", "this nonce is registered already", where="nonce")


def version_too_low(kind: str, version: int, newest: int) -> RegisterError:
    """Refuse a publication whose version does not rise."""
    return RegisterError(
        f"版本 {version} 不高于已发布的版本 {newest}",
        f"version {version} is not above version {newest}, which is published",
        where=kind,
    )


def unknown_list(list_number: int) -> RegisterError:
    """Refuse the number of a status list that was never begun."""
    return RegisterError(
        "没有这个编号的状态表", "there is no status list with this number", where=str(list_number)
    )


def unknown_objection(objection_id: str) -> RegisterError:
    """Refuse the number of an objection that the register does not hold."""
    return RegisterError(
        "没有这件异议", "there is no such objection", where=objection_id,
        fix_zh="请核对异议编号（ecert objection list）",
        fix_en="Compare its number (ecert objection list)",
    )  # fmt: skip


def objection_exists(objection_id: str) -> RegisterError:
    """Refuse a second objection with the same number."""
    return RegisterError("异议编号重复", "this objection is recorded already", where=objection_id)


def objection_decided(objection_id: str) -> RegisterError:
    """Refuse to decide an objection twice."""
    return RegisterError(
        "这件异议已有处理结果", "this objection was decided before", where=objection_id,
        fix_zh="如仍有异议，请另行提出", fix_en="Raise a new one if something is still wrong",
    )  # fmt: skip
