"""The JSON shapes of users and of the audit log. See ``wire``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from callcenter.audit.model import AuditDeed, Outcome
from callcenter.users.model import Role, RowDeed
from callcenter.web.wire import Instant, Moment, Wire

UserName = Annotated[str, Field(min_length=1, max_length=64)]
AgentId = Annotated[str, Field(min_length=1, max_length=128)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
NewPassword = Annotated[str, Field(max_length=1024, json_schema_extra={"writeOnly": True})]

# --- users -------------------------------------------------------------------------------------------------


class UsersRequest(Wire):
    """``dormant_days``: only those whom nobody has logged in as for so long, though they could."""

    dormant_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class UserFields(Wire):
    """What can be changed of a user; all of it is given each time. ``expires_on`` is the last day (UTC) of
    all rights, null: they do not end. ``open_numbers`` is for the role quality alone."""

    role: Role
    agent_id: AgentId | None = None
    open_numbers: bool = False
    expires_on: Day | None = None
    disabled: bool = False


class NewUser(Wire):
    """A user to be made. Without a password one is made, and told in the answer."""

    name: UserName
    role: Role
    agent_id: AgentId | None = None
    open_numbers: bool = False
    expires_on: Day | None = None
    password: NewPassword = ""


class PasswordRequest(Wire):
    """The new password; empty: one is made, and told in the answer."""

    password: NewPassword = ""


class OwnPasswordRequest(Wire):
    """One's own password, old and new."""

    old: Annotated[str, Field(min_length=1, max_length=1024, json_schema_extra={"writeOnly": True})]
    new: Annotated[str, Field(min_length=1, max_length=1024, json_schema_extra={"writeOnly": True})]


class UserImport(Wire):
    """A CSV file whose first line names its columns: name, role and perhaps agent_id, password, expires_on,
    open_numbers. Whoever is there already is changed."""

    csv: Annotated[str, Field(min_length=1, max_length=5_000)]


class UserAccount(Wire):
    """A user. ``seen_at`` is the last log-in; ``locked_for_ms`` how long wrong passwords keep the name out
    (0: they do not); ``is_open``: the right password opens now; ``password_due``: to nothing but the choice
    of another one."""

    name: str
    role: Role
    agent_id: str | None
    open_numbers: bool
    expires_on: str | None
    password_due: bool
    disabled: bool
    is_open: bool
    created_at: Instant
    seen_at: Instant | None
    locked_for_ms: int


class RoleAbout(Wire):
    """A role that one can have: whether it goes with an agent id, and whether open numbers are granted to the
    person."""

    role: Role
    takes_calls: bool
    grants_numbers: bool


class UsersAnswer(Wire):
    """The users, by name, and the roles that one can have."""

    users: list[UserAccount]
    roles: list[RoleAbout]


class UserAnswer(Wire):
    """The user as of now. ``password`` is the one that was made, told here and never again."""

    user: UserAccount
    password: str | None = None


class UserImportResult(Wire):
    """What became of the row that ends in ``line``; ``told`` says why it was refused, ``code`` says it for
    programs."""

    line: int
    name: str
    deed: RowDeed
    told: str
    password: str | None
    code: str | None


class UserImportResults(Wire):
    """What became of each row, in the order of the file."""

    results: list[UserImportResult]


# --- audit -------------------------------------------------------------------------------------------------


class AuditFilter(Wire):
    """The time (``until`` is not in it), who, what was done and to what; each may be left out."""

    since: Moment | None = None
    until: Moment | None = None
    user: Annotated[str, Field(max_length=64)] | None = None
    deed: AuditDeed | None = None
    what: Annotated[str, Field(max_length=400)] | None = None


class AuditRequest(AuditFilter):
    """The newest ``limit`` entries numbered below ``before``."""

    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class AuditEntry(Wire):
    """Who did what: ``what`` it was about, ``detail`` the fields of the request that matter."""

    seq: int
    at: Instant
    user: str
    role: str
    address: str
    deed: AuditDeed
    what: str
    outcome: Outcome
    reason: str
    detail: dict[str, str]


class AuditAnswer(Wire):
    """The newest of them first; ``next_before`` asks for the next older ones, null when there are none."""

    entries: list[AuditEntry]
    next_before: int | None
    deeds: list[AuditDeed]


class AuditCheckAnswer(Wire):
    """How many entries there are, and the first that is not what was written (null: all are)."""

    entries: int
    broken_at: int | None
