"""The request is at fault, or whoever sends it."""

from __future__ import annotations

from collections.abc import Sequence

from postcall.errors.base import PostcallError


class BadInput(PostcallError):
    """The request itself is wrong; sending it again cannot help."""

    status = 400
    code = "bad_input"


class BodyTooLarge(BadInput):
    """The body passes the limit that the message names."""

    status = 413
    code = "body_too_large"


class NotAProject(BadInput):
    """A folder or zip without a project.yaml that says which project it is."""

    code = "not_a_project"


class ProjectHasProblems(BadInput):
    """A project was pushed with the wish that nothing be wrong with it."""

    code = "project_has_problems"

    def __init__(self, problems: Sequence[str], *, listed: bool = True, most: int = 20) -> None:
        more = [f"and {len(problems) - most} more"] if len(problems) > most else []
        words = f": {'; '.join([*problems[:most], *more])}" if listed else ""
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"nothing was published, for the project has {count}{words}")


class NotAllowed(PostcallError):
    """The key may not do this."""

    status = 403
    code = "not_allowed"


class NotAuthenticated(NotAllowed):
    """No key, or one that is unknown, expired or revoked."""

    status = 401
    code = "not_authenticated"


class SignInNeeded(NotAuthenticated):
    """A page was asked for by somebody who has not signed in, or whose session has ended."""

    def __init__(self) -> None:
        super().__init__("sign in to see this page")


class TooManyRequests(PostcallError):
    """A key has asked more often than it may in a minute."""

    status = 429
    code = "too_many_requests"

    def __init__(self, most: int, *, retry_after_s: float) -> None:
        super().__init__(f"this key may make {most:,} requests a minute; ask again in {retry_after_s:.0f} s")
        self.most = most
        self.retry_after_s = retry_after_s


class TooManyQuestions(PostcallError):
    """Somebody has as many questions to the analyst under way as one asker may."""

    status = 429
    code = "too_many_questions"

    def __init__(self, most: int, *, retry_after_s: float) -> None:
        super().__init__(f"{most} of your questions are still being answered; wait for one of them, or stop it")
        self.retry_after_s = retry_after_s
