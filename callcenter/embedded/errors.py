"""The one error of this package: a line that a person can act on."""


class ServiceError(Exception):
    """An embedded service cannot be had.

    `problem` says what went wrong and where, `cure` what the person must do. Both are plain text on one
    line; `str()` joins them, so that printing the error alone is a complete message.
    """

    def __init__(self, problem: str, cure: str) -> None:
        self.problem = " ".join(problem.split())
        self.cure = " ".join(cure.split())
        super().__init__(f"{self.problem} -> {self.cure}")
