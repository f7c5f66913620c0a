"""What can go wrong with cases.

BadRequestError   CaseNoInvalidError, ProofNeededError, TypeMismatchError, UnknownCodeError,
                  CursorInvalidError, NoteNeededError, FieldsNeededError
NotFoundError     CaseNotFoundError
ConflictError     KeyReusedError, TransitionNotAllowedError, PublicityRunningError,
                  ClaimWaitRunningError,
                  CaseClosedError, NotFinishedError, CaseChangedError, NotNowError
"""

from backend.core.errors import BadRequestError, ConflictError, NotFoundError


class CaseNoInvalidError(BadRequestError):
    """Not a case number: the check digit or the shape is wrong."""

    code, title = "case_no_invalid", "编号不对，请核对"


class ProofNeededError(BadRequestError):
    """More is needed to prove ownership; the same whether or not the case exists."""

    code, title = "proof_needed", "请提供编号和登记电话的后四位"


class TypeMismatchError(BadRequestError):
    """Category or group does not belong to the type."""

    code, title = "type_mismatch", "类别与类型不一致"


class UnknownCodeError(BadRequestError):
    """A type, town, village or group code that does not exist."""

    code, title = "unknown_code", "代码不存在"


class CursorInvalidError(BadRequestError):
    """The page cursor was not made here."""

    code, title = "cursor_invalid", "翻页参数不对"


class NoteNeededError(BadRequestError):
    """This step must be explained to the reporter, or names another case."""

    code, title = "note_needed", "请填写说明"


class CaseNotFoundError(NotFoundError):
    """No such case, or not this caller's to know; one answer for both."""

    code, title = "case_not_found", "没有查到，请核对编号和电话后四位"
    keeps_changes = True


class KeyReusedError(ConflictError):
    """The idempotency key was used for another body."""

    code, title = "idempotency_key_reused", "同一个请求键提交了不同的内容"


class TransitionNotAllowedError(ConflictError):
    """The table has no such step from here for this role; ``allowed`` lists those it has."""

    code, title = "transition_not_allowed", "当前状态不能这样流转"


class ClaimWaitRunningError(ConflictError):
    """A published wish still waits for somebody to claim it."""

    code, title = "claim_wait_running", "公布后等候认领的时间还没有满"


class PublicityRunningError(ConflictError):
    """Five full days of publicity have not passed yet (decision D6)."""

    code, title = "publicity_running", "公示未满5天，不能实施"


class CaseClosedError(ConflictError):
    """The case takes no additions any more."""

    code, title = "case_closed", "该诉求已结束"


class NotFinishedError(ConflictError):
    """Only what is completed can be rated."""

    code, title = "not_finished", "办结后才能评价"


class NotVerifiedError(ConflictError):
    """The village has not verified this wish yet."""

    code, title = "not_verified", "属地还没有核查，不能评审"


class NoClockError(ConflictError):
    """No clock of the programme runs (or stands) here."""

    code, title = "no_deadline", "当前没有可以调整的期限"


class ClockPausedError(ConflictError):
    """The clock stands; let it go on first."""

    code, title = "deadline_paused", "期限已暂停，请先恢复"


class FollowUpClosedError(ConflictError):
    """This follow-up has its outcome already."""

    code, title = "follow_up_closed", "该回访已完成"


class FieldsNeededError(BadRequestError):
    """A step lacks what must be recorded with it; ``fields`` says what and why."""

    code, title = "fields_needed", "还有内容没有填好"


class CaseChangedError(ConflictError):
    """Somebody changed the case after it was read; nothing was overwritten."""

    code, title = "case_changed", "这件诉求刚被别人更新过，您的操作还没有生效"


class NotNowError(ConflictError):
    """This cannot be done in the case's present state; ``detail`` says why."""

    code, title = "not_now", "现在不能这样操作"
