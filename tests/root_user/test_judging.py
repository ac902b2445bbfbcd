"""The root user itself: last use, access keys, MFA, and what each parameter makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Evidence, NotOffered, Question, Unanswered, Unreadable
from root_usage.aws.cloudtrail import Trail, Trails
from root_usage.aws.event_history import LookupBy, RootEvent, RootEvents, RootEventsSince, Way
from root_usage.aws.iam import AccessKey, AccountSummary, NotShown, RootCredentials, UsedAt
from root_usage.parameters import Parameters
from root_usage.root_user.credentials import Held
from root_usage.root_user.judging import RootUser, judge_root_user, with_root_user
from root_usage.root_user.last_use import LastRootUse, NotLookedFor, NotUsed, NotVerified, Used
from root_usage.verdict.findings import Code, Finding, Link
from root_usage.verdict.outcome import Chain, NotTold, ReportedElsewhere, Station, Told, Verdict

from tests.root_user.builders import (
    ACCOUNT,
    BARE,
    EVENTS_AT_HOME,
    EVENTS_IN_OHIO,
    EVENTS_IN_OREGON,
    EVENTS_IN_VIRGINIA,
    NO_KEYS,
    NOW,
    OHIO,
    OREGON,
    PLACE,
    REGION,
    REPORT,
    REQUIRED_REPORT,
    REQUIRED_SUMMARY,
    SAFE,
    SIGN_IN,
    SIGN_IN_AT,
    SUMMARY,
    UNUSED,
    VIRGINIA,
    evidence,
)

REPORTING = Parameters()
FAILING = Parameters(on_recent_root_use="fail")
NOT_LOOKING = Parameters(root_usage_lookback_days=0)
NO_KEYS_ALLOWED = Parameters(root_usage_lookback_days=0, require_no_root_access_keys=True)
MFA_REQUIRED = Parameters(root_usage_lookback_days=0, require_root_mfa=True)

NO_EVENTS = RootEvents((), is_complete=True)
SIGNED_IN = replace(UNUSED, password_last_use=UsedAt(SIGN_IN_AT))
DENIED = Unreadable("iam:GetCredentialReport", "AccessDenied", "said AWS")
KEY_USED_AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
USED_KEY = AccessKey(1, is_active=True, last_use=UsedAt(KEY_USED_AT), region="ap-south-1", service="ec2")
KEY_USED = replace(UNUSED, access_keys=(USED_KEY, NO_KEYS[1]))
EVENTS_OF_KEY = RootEventsSince(Place(ACCOUNT, "ap-south-1"), NOW - timedelta(days=90))
KEY_CALL = replace(
    SIGN_IN,
    time=KEY_USED_AT + timedelta(minutes=4),
    name="RunInstances",
    source="ec2.amazonaws.com",
    region="ap-south-1",
    source_ip_address="203.0.113.9",
    way=Way.ACCESS_KEY,
    event_id="2",
)
SIGN_INS_AROUND, *SIGN_INS_ELSEWHERE = (
    RootEventsSince(
        place,
        SIGN_IN_AT - timedelta(hours=1),
        SIGN_IN_AT + timedelta(hours=1),
        LookupBy.CONSOLE_SIGN_IN,
    )
    for place in (VIRGINIA, OHIO, OREGON)
)


SIGN_IN_REGIONS = ("us-east-1", "us-east-2", "us-west-2")
HISTORY = (EVENTS_IN_VIRGINIA, EVENTS_IN_OHIO, EVENTS_IN_OREGON, EVENTS_AT_HOME)


def judged(
    answers: Mapping[Any, Any], parameters: Parameters = REPORTING, *, with_summary: bool = False
) -> RootUser:
    """Root's row and CloudTrail's history of all regions, where a test gives no other."""
    quiet: dict[Any, Any] = {
        **dict.fromkeys((*HISTORY, SIGN_INS_AROUND, *SIGN_INS_ELSEWHERE), NO_EVENTS),
    }
    return judge_root_user(evidence({**quiet, **answers}), parameters, with_summary=with_summary)


def asked(
    answers: Mapping[Any, Any], parameters: Parameters, *, with_summary: bool = False
) -> tuple[Question[Any], ...]:
    with pytest.raises(Unanswered) as raised:
        judge_root_user(evidence(answers), parameters, with_summary=with_summary)
    return raised.value.questions


# -- only what is asked for --------------------------------------------------------------------------


def test_nothing_is_asked_where_no_parameter_calls_for_it() -> None:
    root_user = judge_root_user(evidence(), NOT_LOOKING)

    assert root_user == RootUser(
        account_id=ACCOUNT,
        last_use=NotLookedFor(),
        recent_events=(),
        access_keys=Held.UNKNOWN,
        credentials=Held.UNKNOWN,
        has_mfa=None,
        notes=(),
        unverified=(),
        findings=(),
        sentence="",
    )


@pytest.mark.parametrize(
    ("parameters", "with_summary", "questions"),
    [
        pytest.param(REPORTING, False, (REPORT,), id="last-use-is-reported"),
        pytest.param(FAILING, False, (REQUIRED_REPORT,), id="last-use-may-fail"),
        pytest.param(NO_KEYS_ALLOWED, False, (REQUIRED_SUMMARY,), id="keys-alone"),
        pytest.param(MFA_REQUIRED, False, (REQUIRED_SUMMARY,), id="mfa-alone"),
        pytest.param(NOT_LOOKING, True, (SUMMARY,), id="everything-is-to-be-shown"),
        pytest.param(
            Parameters(require_root_mfa=True), False, (REPORT, REQUIRED_SUMMARY), id="both-side-by-side"
        ),
    ],
)
def test_first_questions(
    parameters: Parameters, with_summary: bool, questions: tuple[Question[Any], ...]
) -> None:
    assert asked({}, parameters, with_summary=with_summary) == questions


def test_event_history_is_not_asked_where_root_rested() -> None:
    root_user = judge_root_user(evidence({REPORT: UNUSED}), REPORTING)

    assert root_user.last_use == NotUsed(90)


def test_event_history_is_asked_where_sign_ins_are_recorded_and_at_home() -> None:
    assert asked({REPORT: SIGNED_IN}, REPORTING) == HISTORY


def test_home_region_is_the_trails_where_the_walk_has_seen_trails() -> None:
    trail = Trail(
        name="management",
        arn=Arn("aws", "cloudtrail", "eu-central-1", ACCOUNT, "trail/management"),
        home_region="eu-central-1",
        is_multi_region=True,
        is_organization_trail=False,
        includes_global_service_events=True,
        log_group_arn=None,
        has_custom_event_selectors=False,
    )

    questions = asked({REPORT: SIGNED_IN, Trails(PLACE): (trail,)}, REPORTING)

    assert [each.place.region for each in questions] == [
        *SIGN_IN_REGIONS,
        "eu-central-1",
        REGION,
    ]


def test_key_is_looked_for_where_it_was_used() -> None:
    questions = asked({REPORT: KEY_USED}, REPORTING)

    assert [each.place.region for each in questions] == [*SIGN_IN_REGIONS, REGION, "ap-south-1"]


@pytest.mark.parametrize(
    ("partition", "region", "regions"),
    [
        pytest.param("aws-cn", "cn-northwest-1", ["cn-north-1", "cn-northwest-1"], id="china"),
        pytest.param("aws-us-gov", "us-gov-east-1", ["us-gov-west-1", "us-gov-east-1"], id="govcloud"),
        pytest.param("aws-new", "xx-new-1", ["xx-new-1"], id="partition-that-is-not-known"),
    ],
)
def test_leader_region_of_the_partition(partition: str, region: str, regions: list[str]) -> None:
    report = replace(SIGNED_IN, arn=replace(SIGNED_IN.arn, partition=partition))
    there = replace(REPORT, place=Place(ACCOUNT, region))

    with pytest.raises(Unanswered) as raised:
        judge_root_user(Evidence(ACCOUNT, region, NOW, {there: report}), REPORTING)

    assert [each.place.region for each in raised.value.questions] == regions


def test_event_history_goes_back_ninety_days_and_no_further() -> None:
    questions = asked({REPORT: SIGNED_IN}, Parameters(root_usage_lookback_days=365))

    assert questions == HISTORY


def test_sign_in_that_the_user_name_does_not_find_is_looked_up_by_event_name() -> None:
    """An account with an alias may have it as root's user name."""
    nothing: dict[Any, Any] = {REPORT: SIGNED_IN, **dict.fromkeys(HISTORY, NO_EVENTS)}

    assert asked(nothing, REPORTING) == (SIGN_INS_AROUND, *SIGN_INS_ELSEWHERE)


def test_root_is_looked_up_by_the_name_that_its_sign_in_has() -> None:
    named = RootEvents((replace(SIGN_IN, user_name="example-alias"),), is_complete=True)
    answers: dict[Any, Any] = {REPORT: SIGNED_IN, **dict.fromkeys(HISTORY, NO_EVENTS)}
    answers |= {SIGN_INS_AROUND: named, **dict.fromkeys(SIGN_INS_ELSEWHERE, NO_EVENTS)}

    questions = tuple(replace(each, user_name="example-alias") for each in HISTORY)

    assert asked(answers, REPORTING) == questions
    deed = replace(SIGN_IN, name="DisableAlarmActions", time=NOW - timedelta(hours=1), event_id="9")
    by_name: dict[Any, Any] = dict.fromkeys(questions, NO_EVENTS)
    by_name[questions[-1]] = RootEvents((deed,), is_complete=True)
    assert judged({**answers, **by_name}).recent_events == (deed, SIGN_IN)


# -- last use ----------------------------------------------------------------------------------------


def password(at: datetime) -> RootCredentials:
    return replace(UNUSED, password_last_use=UsedAt(at))


@pytest.mark.parametrize(
    ("report", "days", "last_use", "sentence"),
    [
        pytest.param(
            SIGNED_IN, 90, Used(SIGN_IN_AT, "console"), "root last used 2026-11-20 (console)", id="console"
        ),
        pytest.param(
            KEY_USED,
            90,
            Used(KEY_USED_AT, "access key 1", "ec2", "ap-south-1"),
            "root last used 2026-11-21 (access key 1)",
            id="access-key",
        ),
        pytest.param(
            replace(UNUSED, access_keys=(NO_KEYS[0], replace(USED_KEY, number=2))),
            90,
            Used(KEY_USED_AT, "access key 2", "ec2", "ap-south-1"),
            "root last used 2026-11-21 (access key 2)",
            id="second-access-key",
        ),
        pytest.param(
            replace(KEY_USED, password_last_use=UsedAt(SIGN_IN_AT)),
            90,
            Used(KEY_USED_AT, "access key 1", "ec2", "ap-south-1"),
            "root last used 2026-11-21 (access key 1)",
            id="the-latest-of-both",
        ),
        pytest.param(
            password(NOW - timedelta(days=90)),
            90,
            Used(NOW - timedelta(days=90), "console"),
            "root last used 2026-08-25 (console)",
            id="ninety-days-ago-to-the-second",
        ),
        pytest.param(
            password(NOW - timedelta(days=90, seconds=1)),
            90,
            NotUsed(90),
            "root not used for 90 days",
            id="a-second-earlier",
        ),
        pytest.param(SIGNED_IN, 2, NotUsed(2), "root not used for 2 days", id="shorter-lookback"),
        pytest.param(
            password(NOW + timedelta(minutes=1)),
            90,
            Used(NOW + timedelta(minutes=1), "console"),
            "root last used 2026-11-23 (console)",
            id="clock-of-iam-is-ahead",
        ),
        pytest.param(UNUSED, 90, NotUsed(90), "root not used for 90 days", id="never"),
        pytest.param(
            replace(UNUSED, password_enabled=False),
            90,
            NotUsed(90),
            "root has no active credentials",
            id="nothing-active",
        ),
        pytest.param(
            replace(UNUSED, password_last_use=NotShown("the credential report has no column password_x")),
            90,
            NotVerified("the credential report has no column password_x"),
            "root's last use not verified: the credential report has no column password_x",
            id="column-missing",
        ),
        pytest.param(
            replace(UNUSED, additional_credentials="1 more access key"),
            90,
            NotVerified("root has credentials for which the credential report has no columns"),
            "root's last use not verified: root has credentials for which the credential report has "
            "no columns",
            id="more-credentials-than-columns",
        ),
    ],
)
def test_last_use(report: RootCredentials, days: int, last_use: LastRootUse, sentence: str) -> None:
    events_since = NOW - timedelta(days=days)
    event = replace(SIGN_IN, time=last_use.at) if isinstance(last_use, Used) else SIGN_IN
    answers = {
        REPORT: report,
        EVENTS_OF_KEY: NO_EVENTS,
        RootEventsSince(VIRGINIA, events_since): RootEvents((event,), is_complete=True),
        RootEventsSince(PLACE, events_since): NO_EVENTS,
    }

    root_user = judged(answers, Parameters(root_usage_lookback_days=days))

    assert (root_user.last_use, root_user.sentence) == (last_use, sentence)
    assert root_user.findings == ()


def test_what_the_report_leaves_open_beside_a_use_is_said() -> None:
    report = replace(SIGNED_IN, access_keys=(replace(NO_KEYS[0], last_use=NotShown("no column")), NO_KEYS[1]))

    root_user = judged({REPORT: report})

    assert root_user.last_use == Used(SIGN_IN_AT, "console")
    assert root_user.unverified == ("a later use of root: no column",)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        pytest.param(
            DENIED,
            "root's last use not verified: iam:GetCredentialReport answered AccessDenied",
            id="permission-missing",
        ),
        pytest.param(
            Unreadable("iam:GetCredentialReport", "ReportInProgress", "not ready after 20 s"),
            "root's last use not verified: iam:GetCredentialReport answered ReportInProgress",
            id="not-ready-in-time",
        ),
        pytest.param(
            Unreadable("iam:GetCredentialReport", "Throttling"),
            "root's last use not verified: iam:GetCredentialReport answered Throttling",
            id="throttled",
        ),
        pytest.param(
            Unreadable("iam:GetCredentialReport", "MalformedAnswer", "line 1: no column user"),
            "root's last use not verified: iam:GetCredentialReport answered MalformedAnswer "
            "(line 1: no column user)",
            id="malformed",
        ),
        pytest.param(
            NotOffered("iam:GetCredentialReport"),
            "root's last use not verified: no iam:GetCredentialReport here",
            id="emulator-without-the-call",
        ),
        pytest.param(
            replace(UNUSED, arn=replace(UNUSED.arn, account_id="444455556666")),
            "root's last use not verified: iam:GetCredentialReport answered MalformedAnswer "
            "(it is the report of account 444455556666)",
            id="report-of-another-account",
        ),
    ],
)
def test_report_that_can_not_be_read_is_said_and_is_no_finding(answer: object, sentence: str) -> None:
    root_user = judged({REPORT: answer})

    assert (root_user.sentence, root_user.findings) == (sentence, ())
    assert root_user.unverified == (sentence.replace("root's last use not verified", "root's last use"),)


# -- what happened -----------------------------------------------------------------------------------


def test_events_of_all_regions_are_shown_newest_first_and_once() -> None:
    later = replace(SIGN_IN, time=SIGN_IN_AT + timedelta(minutes=5), name="CreateUser", event_id="9")

    root_user = judged(
        {
            REPORT: SIGNED_IN,
            EVENTS_IN_VIRGINIA: RootEvents((SIGN_IN,), is_complete=True),
            EVENTS_AT_HOME: RootEvents((later, SIGN_IN), is_complete=True),
        }
    )

    assert root_user.recent_events == (later, SIGN_IN)


def test_sign_in_found_by_event_name_is_shown() -> None:
    root_user = judged({REPORT: SIGNED_IN, SIGN_INS_AROUND: RootEvents((SIGN_IN,), is_complete=True)})

    assert root_user.recent_events == (SIGN_IN,)


@pytest.mark.parametrize(
    ("answer", "gap"),
    [
        pytest.param(
            RootEvents((SIGN_IN,), is_complete=False),
            "CloudTrail's event history in us-east-1 holds more than the 1 events of root that were read",
            id="cap-reached",
        ),
        pytest.param(
            Unreadable("cloudtrail:LookupEvents", "AccessDeniedException"),
            "CloudTrail's event history in us-east-1 wasn't read: cloudtrail:LookupEvents answered "
            "AccessDeniedException",
            id="permission-missing",
        ),
        pytest.param(
            NotOffered("cloudtrail:LookupEvents"),
            "CloudTrail's event history in us-east-1 isn't offered here",
            id="emulator-without-the-call",
        ),
    ],
)
def test_what_the_event_history_leaves_open_is_said(answer: object, gap: str) -> None:
    root_user = judged({REPORT: SIGNED_IN, EVENTS_IN_VIRGINIA: answer})

    assert (root_user.unverified, root_user.findings) == ((gap,), ())


# -- OnRecentRootUse: fail ---------------------------------------------------------------------------

USE_REMEDY = "work through IAM Identity Center or a role; accept this use with a remediation exception"


def central(event: RootEvent) -> RootEvent:
    return replace(event, way=Way.ASSUME_ROOT, name="DeleteLoginProfile", event_id="3")


@pytest.mark.parametrize(
    ("report", "events", "message"),
    [
        pytest.param(
            SIGNED_IN,
            (SIGN_IN,),
            "root was used on 2026-11-20 (console): `ConsoleLogin` from `198.51.100.7`, "
            "though no use is allowed for 90 days",
            id="sign-in",
        ),
        pytest.param(
            KEY_USED,
            (KEY_CALL, SIGN_IN),
            "root was used on 2026-11-21 (access key 1): `RunInstances` from `203.0.113.9`, "
            "though no use is allowed for 90 days",
            id="access-key",
        ),
        pytest.param(
            KEY_USED,
            (),
            "root was used on 2026-11-21 (access key 1): ec2 in ap-south-1 from an address that CloudTrail "
            "doesn't show, though no use is allowed for 90 days",
            id="access-key-without-an-event",
        ),
        pytest.param(
            SIGNED_IN,
            (),
            "root was used on 2026-11-20 (console): sign-in from an address that CloudTrail doesn't show, "
            "though no use is allowed for 90 days",
            id="sign-in-without-an-event",
        ),
        pytest.param(
            SIGNED_IN,
            (central(SIGN_IN),),
            "root was used on 2026-11-20 (console): sign-in from an address that CloudTrail doesn't show, "
            "though no use is allowed for 90 days",
            id="session-opened-centrally-is-another-matter",
        ),
        pytest.param(
            SIGNED_IN,
            (replace(SIGN_IN, is_failed=True, source_ip_address="192.0.2.1", event_id="4"), SIGN_IN),
            "root was used on 2026-11-20 (console): `ConsoleLogin` from `198.51.100.7`, "
            "though no use is allowed for 90 days",
            id="sign-in-that-succeeded-before-one-that-failed",
        ),
        pytest.param(
            SIGNED_IN,
            (replace(SIGN_IN, time=SIGN_IN_AT - timedelta(hours=1, seconds=1)),),
            "root was used on 2026-11-20 (console): sign-in from an address that CloudTrail doesn't show, "
            "though no use is allowed for 90 days",
            id="event-of-another-time",
        ),
    ],
)
def test_recent_use_is_a_finding_where_it_fails(
    report: RootCredentials, events: tuple[RootEvent, ...], message: str
) -> None:
    answers = {
        REQUIRED_REPORT: report,
        EVENTS_IN_VIRGINIA: RootEvents(events, is_complete=True),
        EVENTS_OF_KEY: NO_EVENTS,
    }

    root_user = judged(answers, FAILING)

    assert root_user.findings == (Finding(Code.ROOT_USED_RECENTLY, ACCOUNT, message, USE_REMEDY),)


def test_no_recent_use_is_no_finding() -> None:
    assert judged({REQUIRED_REPORT: UNUSED}, FAILING).findings == ()


@pytest.mark.parametrize(
    ("answer", "message", "remedy"),
    [
        pytest.param(
            DENIED,
            "cannot verify when root was last used: iam:GetCredentialReport answered AccessDenied",
            "allow iam:GetCredentialReport and iam:GenerateCredentialReport to the role that the rule reads "
            "with",
            id="permission-missing",
        ),
        pytest.param(
            Unreadable("iam:GetCredentialReport", "ReportInProgress", "not ready after 20 s"),
            "cannot verify when root was last used: iam:GetCredentialReport answered ReportInProgress",
            "evaluate the rule again in a few minutes, when IAM has made the report",
            id="not-ready-in-time",
        ),
        pytest.param(
            Unreadable("iam:GetCredentialReport", "MalformedAnswer", "line 1: no column user"),
            "cannot verify when root was last used: iam:GetCredentialReport answered MalformedAnswer "
            "(line 1: no column user)",
            "download the credential report in the IAM console and look at root's row",
            id="malformed",
        ),
        pytest.param(
            replace(UNUSED, password_last_use=NotShown("the credential report has no column password_x")),
            "cannot verify when root was last used: the credential report has no column password_x",
            "look at root's row in IAM's credential report, or set OnRecentRootUse to `report`",
            id="column-missing",
        ),
    ],
)
def test_last_use_that_can_not_be_verified_is_a_finding_where_it_fails(
    answer: object, message: str, remedy: str
) -> None:
    root_user = judged({REQUIRED_REPORT: answer}, FAILING)

    assert root_user.findings == (Finding(Code.ROOT_USE_UNVERIFIED, ACCOUNT, message, remedy),)


# -- access keys and MFA -----------------------------------------------------------------------------

HAS_KEYS = Finding(
    Code.ROOT_HAS_ACCESS_KEYS,
    ACCOUNT,
    "root of account 111122223333 has access keys, so whoever holds one can do anything without MFA",
    "let a role do their work, then delete them with the root-credentials document",
)
NO_MFA = Finding(
    Code.ROOT_WITHOUT_MFA,
    ACCOUNT,
    "root of account 111122223333 has no MFA, so a stolen password is enough to be root",
    "sign in as root, open Security credentials, choose Assign MFA device: no API can do it",
)


@pytest.mark.parametrize(
    ("summary", "parameters", "findings"),
    [
        pytest.param(SAFE, NO_KEYS_ALLOWED, (), id="no-keys"),
        pytest.param(replace(SAFE, access_keys_present=True), NO_KEYS_ALLOWED, (HAS_KEYS,), id="keys"),
        pytest.param(replace(SAFE, access_keys_present=True), MFA_REQUIRED, (), id="keys-are-allowed"),
        pytest.param(SAFE, MFA_REQUIRED, (), id="mfa"),
        pytest.param(replace(SAFE, mfa_enabled=False), MFA_REQUIRED, (NO_MFA,), id="no-mfa"),
        pytest.param(replace(SAFE, mfa_enabled=False), NO_KEYS_ALLOWED, (), id="no-mfa-is-needed"),
        pytest.param(BARE, MFA_REQUIRED, (), id="nothing-for-mfa-to-protect"),
        pytest.param(
            replace(BARE, access_keys_present=True),
            MFA_REQUIRED,
            (NO_MFA,),
            id="keys-without-password-or-mfa",
        ),
        pytest.param(
            replace(BARE, signing_certificates_present=True), MFA_REQUIRED, (NO_MFA,), id="certificate-alone"
        ),
        pytest.param(
            replace(BARE, password_present=None), MFA_REQUIRED, (NO_MFA,), id="password-is-not-told-of"
        ),
        pytest.param(
            replace(SAFE, access_keys_present=True, mfa_enabled=False),
            Parameters(root_usage_lookback_days=0, require_no_root_access_keys=True, require_root_mfa=True),
            (HAS_KEYS, NO_MFA),
            id="both",
        ),
    ],
)
def test_access_keys_and_mfa(
    summary: AccountSummary, parameters: Parameters, findings: tuple[Finding, ...]
) -> None:
    assert judged({REQUIRED_SUMMARY: summary}, parameters).findings == findings


def test_root_without_credentials_passes_and_it_is_said() -> None:
    root_user = judged({REQUIRED_SUMMARY: BARE}, MFA_REQUIRED)

    assert (root_user.credentials, root_user.findings) == (Held.NONE, ())
    assert root_user.sentence == "root has no credentials"
    assert root_user.notes == (
        "root has no credentials at all (central root access)",
        "root has no MFA, and nothing that MFA would protect",
    )


def test_password_is_taken_from_the_report_where_the_summary_leaves_it_out() -> None:
    summary = replace(BARE, password_present=None, signing_certificates_present=False)
    answers = {REPORT: replace(UNUSED, password_enabled=False), REQUIRED_SUMMARY: summary}

    root_user = judged(answers, Parameters(require_root_mfa=True))

    assert (root_user.credentials, root_user.findings) == (Held.NONE, ())


@pytest.mark.parametrize(
    ("answer", "parameters", "message", "remedy"),
    [
        pytest.param(
            Unreadable("iam:GetAccountSummary", "AccessDenied"),
            NO_KEYS_ALLOWED,
            "cannot verify the access keys of root of account 111122223333: "
            "iam:GetAccountSummary answered AccessDenied",
            "allow iam:GetAccountSummary to the role that the rule reads with",
            id="keys-permission-missing",
        ),
        pytest.param(
            Unreadable("iam:GetAccountSummary", "AccessDenied"),
            MFA_REQUIRED,
            "cannot verify the MFA of root of account 111122223333: "
            "iam:GetAccountSummary answered AccessDenied",
            "allow iam:GetAccountSummary to the role that the rule reads with",
            id="mfa-permission-missing",
        ),
        pytest.param(
            replace(SAFE, mfa_enabled=None),
            MFA_REQUIRED,
            "cannot verify the MFA of root of account 111122223333: iam:GetAccountSummary leaves it out",
            "look at root in IAM's credential report",
            id="member-left-out",
        ),
        pytest.param(
            NotOffered("iam:GetAccountSummary"),
            MFA_REQUIRED,
            "cannot verify the MFA of root of account 111122223333: no iam:GetAccountSummary here",
            "ask AWS itself, not an emulator",
            id="emulator-without-the-call",
        ),
    ],
)
def test_what_was_required_and_can_not_be_verified_is_a_finding(
    answer: object, parameters: Parameters, message: str, remedy: str
) -> None:
    root_user = judged({REQUIRED_SUMMARY: answer}, parameters)

    assert root_user.findings == (Finding(Code.ROOT_CREDENTIALS_UNVERIFIED, ACCOUNT, message, remedy),)


def test_summary_that_is_only_shown_and_can_not_be_read_is_said_and_is_no_finding() -> None:
    refusal = Unreadable("iam:GetAccountSummary", "AccessDenied")

    root_user = judged({SUMMARY: refusal}, NOT_LOOKING, with_summary=True)

    assert root_user.findings == ()
    assert root_user.unverified == (
        "root's access keys and MFA: iam:GetAccountSummary answered AccessDenied",
    )


def test_active_key_in_the_report_is_a_finding_though_the_summary_is_refused() -> None:
    answers = {
        REPORT: replace(UNUSED, access_keys=(replace(NO_KEYS[0], is_active=True), NO_KEYS[1])),
        REQUIRED_SUMMARY: Unreadable("iam:GetAccountSummary", "AccessDenied"),
    }

    root_user = judged(answers, Parameters(require_no_root_access_keys=True))

    assert root_user.findings == (HAS_KEYS,)


def test_no_active_key_in_the_report_proves_nothing_where_the_summary_is_refused() -> None:
    """The report shows an inactive key, which root may activate again, like one that isn't there."""
    answers = {REPORT: UNUSED, REQUIRED_SUMMARY: Unreadable("iam:GetAccountSummary", "AccessDenied")}

    root_user = judged(answers, Parameters(require_no_root_access_keys=True))

    assert [each.code for each in root_user.findings] == [Code.ROOT_CREDENTIALS_UNVERIFIED]


@pytest.mark.parametrize(
    ("summary", "report", "access_keys", "credentials", "has_mfa"),
    [
        pytest.param(SAFE, None, Held.NONE, Held.SOME, True, id="summary-alone"),
        pytest.param(None, UNUSED, Held.NONE_ACTIVE, Held.SOME, True, id="report-alone"),
        pytest.param(BARE, UNUSED, Held.NONE, Held.NONE, False, id="summary-before-the-report"),
        pytest.param(
            None,
            replace(UNUSED, password_enabled=False, mfa_active=False),
            Held.NONE_ACTIVE,
            Held.NONE_ACTIVE,
            False,
            id="nothing-active-in-the-report",
        ),
        pytest.param(
            None,
            replace(UNUSED, password_enabled=None, mfa_active=None),
            Held.NONE_ACTIVE,
            Held.UNKNOWN,
            None,
            id="password-not-supported-in-an-old-report",
        ),
        pytest.param(
            BARE,
            replace(UNUSED, additional_credentials="1 more access key"),
            Held.NONE,
            Held.SOME,
            False,
            id="credentials-without-columns",
        ),
        pytest.param(
            None,
            replace(UNUSED, password_enabled=False, certificates_active=(False, True)),
            Held.NONE_ACTIVE,
            Held.SOME,
            True,
            id="certificate",
        ),
    ],
)
def test_what_root_holds(
    summary: AccountSummary | None,
    report: RootCredentials | None,
    access_keys: Held,
    credentials: Held,
    has_mfa: bool | None,
) -> None:
    answers: dict[Question[Any], Any] = {REPORT: report} if report else {}
    parameters = REPORTING if report else NOT_LOOKING

    root_user = judged(
        {**answers, **({SUMMARY: summary} if summary else {})}, parameters, with_summary=summary is not None
    )

    assert (root_user.access_keys, root_user.credentials, root_user.has_mfa) == (
        access_keys,
        credentials,
        has_mfa,
    )


# -- the verdict -------------------------------------------------------------------------------------

CHAIN = Chain((Station(Link.ALARM, "root-usage"),), worst_minutes=6)
# Of the annotation's 256, without what stands between a message and its remedy.
MOST_CHARACTERS = 254
NO_ALARM = Finding(Code.NO_ALARM, "filter", "no alarm watches metric `m`", "create one")


@pytest.mark.parametrize(
    ("verdict", "findings", "expected"),
    [
        pytest.param(Told((CHAIN,)), (), Told((CHAIN,)), id="nothing-to-add"),
        pytest.param(Told((CHAIN,)), (NO_MFA,), NotTold((NO_MFA,), (CHAIN,)), id="chain-holds"),
        pytest.param(
            NotTold((NO_ALARM,), ()), (NO_MFA,), NotTold((NO_ALARM, NO_MFA), ()), id="chain-comes-first"
        ),
        pytest.param(
            ReportedElsewhere("us-east-1"), (NO_MFA,), ReportedElsewhere("us-east-1"), id="reported-elsewhere"
        ),
    ],
)
def test_findings_about_root_come_behind_the_chain(
    verdict: Verdict, findings: tuple[Finding, ...], expected: Verdict
) -> None:
    assert with_root_user(verdict, *findings) == expected


def test_every_finding_about_root_sorts_behind_every_link_of_the_chain() -> None:
    assert min(Link) is Link.ROOT_USER


@pytest.mark.parametrize(
    "finding", [pytest.param(HAS_KEYS, id="access-keys"), pytest.param(NO_MFA, id="mfa")]
)
def test_finding_fits_the_annotation_with_its_remedy(finding: Finding) -> None:
    assert len(finding.message) + len(finding.remedy) <= MOST_CHARACTERS


def test_longest_finding_of_use_fits_the_annotation_with_its_remedy() -> None:
    ipv6 = replace(SIGN_IN, source_ip_address="2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")
    answers = {
        REQUIRED_REPORT: SIGNED_IN,
        EVENTS_IN_VIRGINIA: RootEvents((ipv6,), is_complete=True),
    }

    (finding,) = judged(answers, FAILING).findings

    assert len(finding.message) + len(finding.remedy) <= MOST_CHARACTERS
