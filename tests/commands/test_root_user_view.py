"""The section "root user" of `check`, as it is printed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console
from root_usage.aws.event_history import RootEvent, Way
from root_usage.root_user.credentials import Held
from root_usage.root_user.judging import RootUser
from root_usage.root_user.last_use import LastRootUse, NotLookedFor, NotUsed, NotVerified, Used

from root_usage_alarm.commands.root_user_view import draw_root_user
from tests.root_user.builders import ACCOUNT, SIGN_IN, SIGN_IN_AT

ROOT_USER = RootUser(
    account_id=ACCOUNT,
    last_use=Used(SIGN_IN_AT, "console"),
    recent_events=(),
    access_keys=Held.NONE,
    credentials=Held.SOME,
    has_mfa=True,
    notes=(),
    unverified=(),
    findings=(),
    sentence="root last used 2026-11-20 (console)",
)


def printed(root_user: RootUser, width: int = 110) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    draw_root_user(console, root_user)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_section_without_events() -> None:
    assert printed(ROOT_USER) == [
        "",
        "root user",
        "  last use             2026-11-20 07:01 UTC (console)",
        "  access keys          none",
        "  MFA                  on",
        "  central root access  no, root has credentials of its own",
    ]


def test_recent_events_are_a_table() -> None:
    central = replace(
        SIGN_IN,
        time=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        name="DeleteLoginProfile",
        source_ip_address="192.0.2.1",
        way=Way.ASSUME_ROOT,
    )
    refused = replace(SIGN_IN, is_failed=True)
    by_a_service = replace(
        SIGN_IN,
        name="CreateBucket",
        source_ip_address="s3.amazonaws.com",
        is_by_root_itself=False,
    )

    table = printed(replace(ROOT_USER, recent_events=(central, refused, by_a_service)))[6:]

    assert table == [
        "  time (UTC)        event                   region     from              with",
        "  2026-11-21 09:30  DeleteLoginProfile      us-east-1  192.0.2.1         AssumeRoot session",
        "  2026-11-20 07:01  ConsoleLogin (refused)  us-east-1  198.51.100.7      console",
        "  2026-11-20 07:01  CreateBucket            us-east-1  s3.amazonaws.com  an AWS service",
    ]


def test_narrow_terminal_breaks_no_word() -> None:
    event = replace(SIGN_IN, name="PutUserPermissionsBoundary", source_ip_address="2001:db8::1428:57ab")

    assert printed(replace(ROOT_USER, recent_events=(event,)), width=80)[6:] == [
        "  time (UTC)        event                       region     from",
        "  with",
        "  2026-11-20 07:01  PutUserPermissionsBoundary  us-east-1  2001:db8::1428:57ab",
        "  console",
    ]


def test_long_history_is_cut_and_it_is_said() -> None:
    lines = printed(replace(ROOT_USER, recent_events=(SIGN_IN,) * 12))

    assert len(lines) == 6 + 1 + 10 + 1
    assert lines[-1] == "  and 2 more"


def test_name_that_looks_like_markup_is_printed_as_it_is() -> None:
    odd: RootEvent = replace(SIGN_IN, name="[red]Console[/red]")

    assert "[red]Console[/red]" in printed(replace(ROOT_USER, recent_events=(odd,)))[7]


@pytest.mark.parametrize(
    ("last_use", "line"),
    [
        pytest.param(
            Used(SIGN_IN_AT, "access key 1", "ec2", "ap-south-1"),
            "  last use             2026-11-20 07:01 UTC (access key 1, ec2 in ap-south-1)",
            id="access-key",
        ),
        pytest.param(
            Used(SIGN_IN_AT, "access key 1", "s3", None),
            "  last use             2026-11-20 07:01 UTC (access key 1, s3)",
            id="service-without-regions",
        ),
        pytest.param(NotUsed(90), "  last use             none within 90 days", id="rested"),
        pytest.param(NotVerified("refused"), "  last use             not known", id="not-verified"),
        pytest.param(
            NotLookedFor(),
            "  last use             not looked for (RootUsageLookbackDays is 0)",
            id="not-looked-for",
        ),
    ],
)
def test_last_use(last_use: LastRootUse, line: str) -> None:
    assert printed(replace(ROOT_USER, last_use=last_use))[2] == line


@pytest.mark.parametrize(
    ("credentials", "line"),
    [
        pytest.param(Held.NONE, "  central root access  root has no credentials at all", id="none"),
        pytest.param(
            Held.NONE_ACTIVE, "  central root access  root has no active credentials", id="inactive"
        ),
        pytest.param(Held.UNKNOWN, "  central root access  not known", id="not-known"),
    ],
)
def test_central_root_access(credentials: Held, line: str) -> None:
    assert printed(replace(ROOT_USER, credentials=credentials))[5] == line


@pytest.mark.parametrize(
    ("has_mfa", "line"),
    [
        pytest.param(False, "  MFA                  off", id="off"),
        pytest.param(None, "  MFA                  not known", id="not-known"),
    ],
)
def test_mfa(has_mfa: bool | None, line: str) -> None:
    assert printed(replace(ROOT_USER, has_mfa=has_mfa))[4] == line


def test_notes_and_what_was_not_verified_are_said() -> None:
    root_user = replace(
        ROOT_USER,
        notes=("root has no credentials at all (central root access)",),
        unverified=("root's last use: iam:GetCredentialReport answered AccessDenied",),
    )

    assert printed(root_user)[6:] == [
        "  note                 root has no credentials at all (central root access)",
        "  not verified         root's last use: iam:GetCredentialReport answered AccessDenied",
    ]
