"""Asking IAM and CloudTrail about the root user: botocore's real clients with stubbed answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from root_usage.aws.asking import Question, Unreadable
from root_usage.aws.event_history import (
    LookupBy,
    RootEvent,
    RootEvents,
    RootEventsSince,
    Way,
    read_root_events,
)
from root_usage.aws.gathering import Gatherer, PassingFault
from root_usage.aws.iam import (
    AccountSummary,
    AccountSummaryOf,
    CredentialReport,
    RootCredentials,
    read_account_summary,
    read_credential_report,
)

from tests.root_user.builders import NOW, PLACE, REPORT, REQUIRED_REPORT, REQUIRED_SUMMARY, SUMMARY, UNUSED

CONTENT = (
    b"user,arn,password_enabled,password_last_used,mfa_active,"
    b"access_key_1_active,access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date,"
    b"cert_1_active,cert_2_active\n"
    b"<root_account>,arn:aws:iam::111122223333:root,TRUE,no_information,TRUE,"
    b"FALSE,N/A,FALSE,N/A,FALSE,FALSE\n"
)
SINCE = datetime(2026, 8, 25, 12, 0, tzinfo=UTC)


SESSION = boto3.session.Session("testing", "testing", region_name="eu-west-1")
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})


def active_stubber(client: Any) -> Stubber:
    stubber = Stubber(client)
    stubber.activate()
    return stubber


@pytest.fixture
def iam() -> Iterator[Stubber]:
    stubber = active_stubber(SESSION.client("iam", config=ONE_ATTEMPT))
    yield stubber
    stubber.assert_no_pending_responses()


@pytest.fixture
def cloudtrail() -> Iterator[Stubber]:
    stubber = active_stubber(SESSION.client("cloudtrail", config=ONE_ATTEMPT))
    yield stubber
    stubber.assert_no_pending_responses()


@pytest.fixture
def sleeps() -> list[float]:
    return []


def add_report(iam: Stubber, generated: datetime = NOW, content: bytes = CONTENT) -> None:
    answer = {"Content": content, "ReportFormat": "text/csv", "GeneratedTime": generated}
    iam.add_response("get_credential_report", answer)


def client_of(stubber: Stubber) -> Any:
    return stubber.client


def answer_of(stubber: Stubber, question: Question[Any]) -> Any:
    class Factory:
        def build_client(self, service: str, region: str | None = None) -> Any:  # noqa: ARG002
            return stubber.client

    return Gatherer(lambda _: Factory()).ask([question])[question]


def add_refusal(iam: Stubber, code: str) -> None:
    iam.add_client_error("get_credential_report", code, "said AWS", http_status_code=410)


# -- the credential report ---------------------------------------------------------------------------


def test_young_report_takes_one_call(iam: Stubber, sleeps: list[float]) -> None:
    add_report(iam, NOW - timedelta(hours=1))

    assert read_credential_report(client_of(iam), REPORT, sleeps.append) == UNUSED
    assert sleeps == []


@pytest.mark.parametrize(
    "code",
    [pytest.param("ReportNotPresent", id="none-yet"), pytest.param("ReportExpired", id="expired")],
)
def test_missing_report_is_generated_and_waited_for(iam: Stubber, sleeps: list[float], code: str) -> None:
    add_refusal(iam, code)
    iam.add_response("generate_credential_report", {"State": "STARTED"})
    add_refusal(iam, "ReportInProgress")
    add_refusal(iam, "ReportNotPresent")
    add_report(iam)

    credentials = read_credential_report(client_of(iam), REPORT, sleeps.append)

    assert isinstance(credentials, RootCredentials)
    assert credentials.generated == NOW
    assert sleeps == [1, 1, 2]


def test_report_of_four_hours_ago_is_made_anew(iam: Stubber, sleeps: list[float]) -> None:
    add_report(iam, NOW - timedelta(hours=4))
    iam.add_response("generate_credential_report", {"State": "STARTED"})
    add_report(iam, NOW - timedelta(hours=4))
    add_report(iam, NOW + timedelta(seconds=2))

    credentials = read_credential_report(client_of(iam), REPORT, sleeps.append)

    assert isinstance(credentials, RootCredentials)
    assert credentials.generated == NOW + timedelta(seconds=2)
    assert sleeps == [1, 1]


def test_report_that_iam_calls_complete_is_taken_without_waiting(iam: Stubber, sleeps: list[float]) -> None:
    """The clocks differ: IAM makes no younger report than this."""
    add_report(iam, NOW - timedelta(hours=4, minutes=1))
    iam.add_response("generate_credential_report", {"State": "COMPLETE"})
    add_report(iam, NOW - timedelta(hours=4, minutes=1))

    credentials = read_credential_report(client_of(iam), REPORT, sleeps.append)

    assert isinstance(credentials, RootCredentials)
    assert sleeps == []


def test_report_that_somebody_else_had_generated_is_only_waited_for(
    iam: Stubber, sleeps: list[float]
) -> None:
    add_refusal(iam, "ReportInProgress")
    add_report(iam)

    assert isinstance(read_credential_report(client_of(iam), REPORT, sleeps.append), RootCredentials)
    assert sleeps == [1]


def test_patience_ends(iam: Stubber, sleeps: list[float]) -> None:
    add_refusal(iam, "ReportNotPresent")
    iam.add_response("generate_credential_report", {"State": "STARTED"})
    add_refusal(iam, "ReportInProgress")
    add_refusal(iam, "ReportInProgress")
    add_refusal(iam, "ReportInProgress")
    add_refusal(iam, "ReportInProgress")
    add_refusal(iam, "ReportInProgress")
    add_refusal(iam, "ReportInProgress")

    answer = read_credential_report(client_of(iam), REQUIRED_REPORT, sleeps.append)

    assert answer == Unreadable("iam:GetCredentialReport", "ReportInProgress", "not ready after 20 s")
    assert sleeps == [1, 1, 2, 3, 5, 8]


def test_malformed_report_is_unreadable_and_says_where(iam: Stubber, sleeps: list[float]) -> None:
    add_report(iam, content=b"user,arn\nalice,b\n")

    answer = read_credential_report(client_of(iam), REQUIRED_REPORT, sleeps.append)

    assert answer == Unreadable(
        "iam:GetCredentialReport", "MalformedAnswer", "no lines for user <root_account>"
    )


def test_missing_permission_to_read_is_told(iam: Stubber) -> None:
    add_refusal(iam, "AccessDenied")

    assert answer_of(iam, REPORT) == Unreadable("iam:GetCredentialReport", "AccessDenied", "said AWS")


def test_missing_permission_to_generate_is_told(iam: Stubber) -> None:
    add_refusal(iam, "ReportExpired")
    iam.add_client_error("generate_credential_report", "AccessDenied", "said AWS", http_status_code=403)

    assert answer_of(iam, REPORT) == Unreadable("iam:GenerateCredentialReport", "AccessDenied", "said AWS")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param("Throttling", 400, id="throttled"),
        pytest.param("ServiceFailure", 500, id="server-error"),
    ],
)
def test_passing_fault_makes_no_verdict_greener(iam: Stubber, code: str, status: int) -> None:
    """The report may show a use that went unheard: the run is left to Lambda to repeat."""
    iam.add_client_error("get_credential_report", code, "said AWS", http_status_code=status)

    with pytest.raises(PassingFault, match=f"iam:GetCredentialReport answered {code}"):
        answer_of(iam, REPORT)


def test_endpoint_out_of_reach_does_not_cost_the_chain_its_evaluation(sleeps: list[float]) -> None:
    class Unreachable:
        def get_credential_report(self) -> Any:
            raise EndpointConnectionError(endpoint_url="https://iam.amazonaws.com")

    unreachable: Any = Unreachable()

    assert read_credential_report(unreachable, REPORT, sleeps.append) == Unreadable(
        "iam:GetCredentialReport",
        "EndpointConnectionError",
        'Could not connect to the endpoint URL: "https://iam.amazonaws.com"',
    )


def test_passing_fault_is_passed_on_where_the_verdict_rests_on_the_report(
    iam: Stubber, sleeps: list[float]
) -> None:
    add_refusal(iam, "Throttling")

    with pytest.raises(ClientError, match="Throttling"):
        read_credential_report(client_of(iam), REQUIRED_REPORT, sleeps.append)


# -- through the gatherer's table --------------------------------------------------------------------


class OneClient:
    def __init__(self, client: Any) -> None:
        self.client = client

    def build_client(self, service: str, region: str | None = None) -> Any:
        assert (service, region) == (self.client.meta.service_model.service_name, "eu-west-1")
        return self.client


def test_gatherer_reads_the_credential_report(iam: Stubber) -> None:
    add_report(iam, NOW - timedelta(hours=1))
    gatherer = Gatherer(lambda _: OneClient(iam.client))

    assert gatherer.ask([REPORT]) == {REPORT: UNUSED}
    assert gatherer.calls == ["iam:GetCredentialReport"]


def test_gatherer_reads_events(cloudtrail: Stubber) -> None:
    cloudtrail.add_response("lookup_events", {"Events": []})
    question = RootEventsSince(PLACE, SINCE)

    answers = Gatherer(lambda _: OneClient(cloudtrail.client)).ask([question])

    assert answers == {question: RootEvents((), is_complete=True)}


def test_throttled_summary_fails_the_run_where_the_verdict_rests_on_it(iam: Stubber) -> None:
    iam.add_client_error("get_account_summary", "Throttling", http_status_code=400)

    with pytest.raises(PassingFault, match="iam:GetAccountSummary answered Throttling"):
        Gatherer(lambda _: OneClient(iam.client)).ask([REQUIRED_SUMMARY])


# -- the account summary -----------------------------------------------------------------------------


def test_summary_is_read(iam: Stubber) -> None:
    iam.add_response("get_account_summary", {"SummaryMap": {"AccountMFAEnabled": 1}})

    assert read_account_summary(client_of(iam), SUMMARY) == AccountSummary(None, True, None, None)


@pytest.mark.parametrize(
    "code", [pytest.param("AccessDenied", id="refused"), pytest.param("Throttling", id="throttled")]
)
def test_summary_that_is_only_shown_may_be_missing(iam: Stubber, code: str) -> None:
    iam.add_client_error("get_account_summary", code, "said AWS", http_status_code=400)

    assert read_account_summary(client_of(iam), AccountSummaryOf(PLACE, is_required=False)) == Unreadable(
        "iam:GetAccountSummary", code, "said AWS"
    )


# -- CloudTrail's event history ----------------------------------------------------------------------


def member(name: str, event_id: str, **changes: Any) -> dict[str, Any]:
    record = {
        "userIdentity": {"type": "Root", "accessKeyId": ""},
        "eventType": "AwsConsoleSignIn",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        **changes,
    }
    return {
        "EventId": event_id,
        "EventName": name,
        "EventTime": datetime(2026, 11, 20, 7, 1, tzinfo=UTC),
        "EventSource": "signin.amazonaws.com",
        "Username": "root",
        "CloudTrailEvent": json.dumps(record),
    }


def lookup(key: str = "Username", value: str = "root", **more: Any) -> dict[str, Any]:
    attribute = {"AttributeKey": key, "AttributeValue": value}
    return {"LookupAttributes": [attribute], "StartTime": SINCE, "MaxResults": 50, **more}


def test_events_are_read_page_by_page_at_no_more_than_two_requests_a_second(
    cloudtrail: Stubber, sleeps: list[float]
) -> None:
    first = {"Events": [member("CreateUser", "2")], "NextToken": "more"}
    cloudtrail.add_response("lookup_events", first, lookup())
    cloudtrail.add_response(
        "lookup_events", {"Events": [member("ConsoleLogin", "1")]}, lookup(NextToken="more")
    )

    answer = read_root_events(client_of(cloudtrail), RootEventsSince(PLACE, SINCE), sleeps.append)

    assert isinstance(answer, RootEvents)
    assert ([each.name for each in answer.events], answer.is_complete) == (
        ["CreateUser", "ConsoleLogin"],
        True,
    )
    assert sleeps == [0.5]


def test_reading_stops_after_twenty_pages_and_says_so(cloudtrail: Stubber, sleeps: list[float]) -> None:
    page = {"Events": [member("ConsoleLogin", "1")], "NextToken": "more"}
    for _ in range(20):
        cloudtrail.add_response("lookup_events", page)

    answer = read_root_events(client_of(cloudtrail), RootEventsSince(PLACE, SINCE), sleeps.append)

    assert isinstance(answer, RootEvents)
    assert (len(answer.events), answer.is_complete) == (20, False)
    assert sleeps == [0.5] * 19


def test_sign_ins_are_looked_up_by_name_within_a_time(cloudtrail: Stubber, sleeps: list[float]) -> None:
    until = SINCE + timedelta(hours=2)
    expected = lookup("EventName", "ConsoleLogin", EndTime=until)
    others = member("ConsoleLogin", "3", userIdentity={"type": "IAMUser", "userName": "alice"})
    cloudtrail.add_response("lookup_events", {"Events": [others, member("ConsoleLogin", "1")]}, expected)
    question = RootEventsSince(PLACE, SINCE, until, LookupBy.CONSOLE_SIGN_IN)

    answer = read_root_events(client_of(cloudtrail), question, sleeps.append)

    assert isinstance(answer, RootEvents)
    assert [each.event_id for each in answer.events] == ["1"]


def test_history_that_is_refused_is_an_answer(cloudtrail: Stubber) -> None:
    cloudtrail.add_client_error("lookup_events", "AccessDeniedException", "no", http_status_code=400)

    assert answer_of(cloudtrail, RootEventsSince(PLACE, SINCE)) == Unreadable(
        "cloudtrail:LookupEvents", "AccessDeniedException", "no"
    )


def test_history_that_is_throttled_fails_the_run(cloudtrail: Stubber) -> None:
    cloudtrail.add_client_error("lookup_events", "ThrottlingException", "no", http_status_code=400)

    with pytest.raises(PassingFault, match="cloudtrail:LookupEvents answered ThrottlingException"):
        answer_of(cloudtrail, RootEventsSince(PLACE, SINCE))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "event `7`: member `CloudTrailEvent` isn't JSON", id="not-json"),
        pytest.param("[]", "event `7`: member `CloudTrailEvent` isn't a JSON object", id="not-an-object"),
    ],
)
def test_malformed_event_is_unreadable_and_says_which(
    cloudtrail: Stubber, sleeps: list[float], text: str, message: str
) -> None:
    odd = {**member("ConsoleLogin", "7"), "CloudTrailEvent": text}
    cloudtrail.add_response("lookup_events", {"Events": [odd]})

    assert read_root_events(
        client_of(cloudtrail), RootEventsSince(PLACE, SINCE), sleeps.append
    ) == Unreadable("cloudtrail:LookupEvents", "MalformedAnswer", message)


def test_event_is_read_whole() -> None:
    assert RootEvent.from_api(member("ConsoleLogin", "1")) == RootEvent(
        time=datetime(2026, 11, 20, 7, 1, tzinfo=UTC),
        name="ConsoleLogin",
        source="signin.amazonaws.com",
        region="us-east-1",
        source_ip_address="198.51.100.7",
        way=Way.CONSOLE,
        is_failed=False,
        is_by_root_itself=True,
        event_id="1",
    )


def identity(access_key_id: str, **session: Any) -> dict[str, Any]:
    return {"type": "Root", "accessKeyId": access_key_id, "sessionContext": session}


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        pytest.param({}, Way.CONSOLE, id="sign-in"),
        pytest.param({"eventType": "AwsConsoleAction"}, Way.CONSOLE, id="console-action"),
        pytest.param(
            {
                "eventType": "AwsApiCall",
                "userIdentity": identity("ASIAEXAMPLE00000004", attributes={}),
                "sessionCredentialFromConsole": "true",
            },
            Way.CONSOLE,
            id="console-session",
        ),
        pytest.param(
            {
                "eventType": "AwsApiCall",
                "userIdentity": {"type": "Root", "accessKeyId": "AKIAEXAMPLE00000005"},
            },
            Way.ACCESS_KEY,
            id="access-key",
        ),
        pytest.param(
            {
                "eventType": "AwsApiCall",
                "userIdentity": identity("ASIAEXAMPLE00000010", assumedRoot="true"),
            },
            Way.ASSUME_ROOT,
            id="opened-centrally",
        ),
        pytest.param(
            {"eventType": "AwsApiCall", "userIdentity": identity("ASIAEXAMPLE00000010", assumedRoot=True)},
            Way.ASSUME_ROOT,
            id="opened-centrally-as-a-boolean",
        ),
        pytest.param(
            {"eventType": "AwsApiCall", "userIdentity": identity("ASIAEXAMPLE00000010", assumedRoot="false")},
            Way.TEMPORARY,
            id="session-that-is-not-marked",
        ),
        pytest.param(
            {"eventType": "AwsApiCall", "userIdentity": {"type": "Root"}}, Way.UNKNOWN, id="no-credentials"
        ),
    ],
)
def test_what_an_event_was_done_with(changes: dict[str, Any], way: Way) -> None:
    event = RootEvent.from_api(member("ConsoleLogin", "1", **changes))

    assert event is not None
    assert (event.way, event.is_assume_root_session) == (way, way is Way.ASSUME_ROOT)


@pytest.mark.parametrize(
    ("changes", "is_late"),
    [
        pytest.param({}, False, id="in-time"),
        pytest.param({"addendum": {"reason": "DELIVERY_DELAY"}}, True, id="delivery-was-delayed"),
        pytest.param({"addendum": {"reason": "SERVICE_OUTAGE"}}, True, id="a-service-could-not-log-it"),
        pytest.param({"addendum": {"reason": "UPDATED_DATA"}}, False, id="more-is-said-than-before"),
        pytest.param({"addendum": "DELIVERY_DELAY"}, False, id="not-as-documented"),
    ],
)
def test_whether_an_event_was_delivered_late(changes: dict[str, Any], is_late: bool) -> None:
    event = RootEvent.from_api(member("ConsoleLogin", "1", **changes))

    assert event is not None
    assert event.is_late is is_late


@pytest.mark.parametrize(
    ("changes", "is_by_root_itself", "is_failed"),
    [
        pytest.param({}, True, False, id="root-itself"),
        pytest.param({"errorMessage": "Failed authentication"}, True, True, id="sign-in-that-failed"),
        pytest.param({"errorCode": "Client.UnauthorizedOperation"}, True, True, id="call-that-was-denied"),
        pytest.param(
            {"userIdentity": {"type": "Root", "invokedBy": "cloudformation.amazonaws.com"}},
            False,
            False,
            id="service-with-a-forwarded-session",
        ),
        pytest.param({"eventType": "AwsServiceEvent"}, False, False, id="service-event"),
    ],
)
def test_whose_doing_an_event_is(changes: dict[str, Any], is_by_root_itself: bool, is_failed: bool) -> None:
    event = RootEvent.from_api(member("ConsoleLogin", "1", **changes))

    assert event is not None
    assert (event.is_by_root_itself, event.is_failed) == (is_by_root_itself, is_failed)


@pytest.mark.parametrize(
    "identity_of_another",
    [
        pytest.param({"type": "IAMUser", "userName": "root"}, id="user-named-root"),
        pytest.param({"type": "AssumedRole"}, id="role"),
        pytest.param(None, id="nobody"),
    ],
)
def test_event_of_somebody_else_is_none(identity_of_another: object) -> None:
    assert RootEvent.from_api(member("ConsoleLogin", "1", userIdentity=identity_of_another)) is None


def test_required_and_reported_questions_differ() -> None:
    """They have different answers where AWS is throttling, so neither may stand for the other."""
    assert CredentialReport(PLACE, NOW, is_required=True) != CredentialReport(PLACE, NOW, is_required=False)
