"""What can go wrong with policies.

NotFoundError     PolicyNotFoundError
BadRequestError   PolicyTableError
"""

from backend.core.errors import BadRequestError, NotFoundError


class PolicyNotFoundError(NotFoundError):
    """No policy of that code."""

    code, title = "policy_not_found", "没有这项政策"


class PolicyTableError(BadRequestError):
    """The table cannot be imported; ``problems`` lists line and reason."""

    code, title = "policy_table", "政策表有问题，没有导入"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems[:5]), problems=problems)
        self.problems = problems
