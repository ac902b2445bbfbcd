"""The second document: what it finds, what it deletes, and when it refuses.

moto knows no AssumeRoot, so each client that a script makes is stubbed with the calls that it is to
get, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.remediation.recording import Call
from tests.remediation.runner import Execution, StepFailed, load, run

DOCUMENT = load("root-credentials.json")
MANAGEMENT, MEMBER = "111122223333", "444455556666"
THEN = datetime(2026, 10, 5, 7, 1, tzinfo=UTC)
KEY, CERTIFICATE = "AKIAEXAMPLE00000005", "CERTIFICATEEXAMPLE0000001"
MFA_DEVICE = f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device"

Reply = tuple[str, dict[str, Any], dict[str, Any] | None]
Client = tuple[str, list[Reply]]

IDENTITY: Reply = (
    "get_caller_identity",
    {"Account": MANAGEMENT, "Arn": f"arn:aws:sts::{MANAGEMENT}:assumed-role/automation/x", "UserId": "x"},
    {},
)
ORGANIZATION: Client = (
    "organizations",
    [("describe_organization", {"Organization": {"MasterAccountId": MANAGEMENT}}, {})],
)


def session_for(task: str) -> Client:
    credentials = {
        "AccessKeyId": "ASIAEXAMPLE00000010",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": THEN,
    }
    arguments = {
        "TargetPrincipal": MEMBER,
        "TaskPolicyArn": {"arn": f"arn:aws:iam::aws:policy/root-task/{task}"},
        "DurationSeconds": 900,
    }
    return "sts", [IDENTITY, ("assume_root", {"Credentials": credentials}, arguments)]


def holding(*, keys: bool = True, certificates: bool = True, password: bool = True) -> Client:
    """IAM's answers about the member's root user."""
    profile = {"LoginProfile": {"UserName": "root", "CreateDate": THEN}}
    certificate = {
        "UserName": "root",
        "CertificateId": CERTIFICATE,
        "CertificateBody": "body",
        "Status": "Active",
    }
    device = {"UserName": "root", "SerialNumber": MFA_DEVICE, "EnableDate": THEN}
    return "iam", [
        ("get_login_profile", profile if password else {"error": "NoSuchEntity"}, {}),
        ("list_signing_certificates", {"Certificates": [certificate] if certificates else []}, {}),
        ("list_access_keys", {"AccessKeyMetadata": [{"AccessKeyId": KEY}] if keys else []}, {}),
        ("list_mfa_devices", {"MFADevices": [device]}, {}),
    ]


def audit(**held: bool) -> list[Client]:
    """The clients of the first step."""
    return [
        ("sts", [IDENTITY]),
        ORGANIZATION,
        session_for("IAMAuditRootUserCredentials"),
        holding(**held),
    ]


def deletion(*replies: Reply) -> list[Client]:
    """The clients of the second step, after which nothing is left but what isn't asked for."""
    return [
        session_for("IAMDeleteRootUserCredentials"),
        ("iam", list(replies)),
        session_for("IAMAuditRootUserCredentials"),
        holding(keys=False),
    ]


DELETE_KEY: Reply = ("delete_access_key", {}, {"AccessKeyId": KEY})
DELETE_CERTIFICATE: Reply = ("delete_signing_certificate", {}, {"CertificateId": CERTIFICATE})
DELETE_PASSWORD: Reply = ("delete_login_profile", {}, {})


class Aws:
    """Hands out the clients that are expected, each stubbed, and notes the calls."""

    def __init__(self, clients: list[Client]) -> None:
        self._expected = list(clients)
        self._stubbers: list[Stubber] = []
        self._make: Any = boto3.session.Session().client
        self.calls: list[Call] = []

    def client(self, service: str, region: str, **_: str) -> Any:
        expected, replies = self._expected.pop(0)
        assert service == expected
        client = self._make(
            service, region_name=region, aws_access_key_id="key", aws_secret_access_key="secret"
        )
        client.meta.events.register("provide-client-params", self._note)
        stubber = Stubber(client)
        for method, answer, arguments in replies:
            if "error" in answer:
                stubber.add_client_error(method, answer["error"], expected_params=arguments)
            else:
                stubber.add_response(method, answer, arguments)
        stubber.activate()
        self._stubbers.append(stubber)
        return client

    def _note(self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        self.calls.append(
            Call(model.service_model.service_name, model.name, context["client_region"], params)
        )

    def require_all_called(self) -> None:
        assert self._expected == []
        for stubber in self._stubbers:
            stubber.assert_no_pending_responses()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[Client]], Aws]]:
    """Puts the clients in boto3's place; at the end all that they expected has to have been called."""
    made: list[Aws] = []

    def expect(clients: list[Client]) -> Aws:
        made.append(Aws(clients))
        monkeypatch.setattr("boto3.client", made[-1].client)
        return made[-1]

    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    yield expect
    for each in made:
        each.require_all_called()


Expect = Callable[[list[Client]], Aws]


def run_on(member: str = MEMBER, **parameters: Any) -> Execution:
    role = f"arn:aws:iam::{MANAGEMENT}:role/root-credentials"
    return run(DOCUMENT, "us-east-1", AutomationAssumeRole=role, MemberAccountId=member, **parameters)


def delete_everything() -> Execution:
    return run_on(DryRun=False, Confirmation=MEMBER, DeleteSigningCertificates=True, DeleteLoginProfile=True)


def record_member(monkeypatch: pytest.MonkeyPatch, scenario: Callable[[], Execution]) -> list[Call]:
    """The calls of a run that deletes everything; for the tests of the policy."""
    aws = Aws([*audit(), *deletion(DELETE_KEY, DELETE_CERTIFICATE, DELETE_PASSWORD)])
    monkeypatch.setattr("boto3.client", aws.client)
    scenario()
    return aws.calls


def test_by_default_it_only_reports(aws: Expect) -> None:
    aws(audit())

    execution = run_on()

    assert execution.steps == ["Audit", "Decide", "NothingToDo"]
    assert execution["Audit.Summary"] == f"account {MEMBER}: would delete access key {KEY}"
    assert execution["Audit.AccessKeys"] == [KEY]
    assert execution["Audit.SigningCertificates"] == [CERTIFICATE]
    assert execution["Audit.MfaDevices"] == [MFA_DEVICE]
    assert execution["Audit.LoginProfile"] is True


def test_confirmed_it_deletes_the_access_keys_alone(aws: Expect) -> None:
    aws([*audit(), *deletion(DELETE_KEY)])

    execution = run_on(DryRun=False, Confirmation=MEMBER)

    assert execution.steps == ["Audit", "Decide", "Delete"]
    assert execution["Delete.Done"] == [f"deleted access key {KEY}"]


def test_certificates_and_password_go_when_asked_for(aws: Expect) -> None:
    aws([*audit(), *deletion(DELETE_KEY, DELETE_CERTIFICATE, DELETE_PASSWORD)])

    assert delete_everything()["Delete.Done"] == [
        f"deleted access key {KEY}",
        f"deleted signing certificate {CERTIFICATE}",
        "deleted the login profile",
    ]


def test_key_that_is_gone_meanwhile_is_no_error(aws: Expect) -> None:
    gone: Reply = ("delete_access_key", {"error": "NoSuchEntity"}, {"AccessKeyId": KEY})
    aws([*audit(), *deletion(gone)])

    assert run_on(DryRun=False, Confirmation=MEMBER)["Delete.Done"] == [f"deleted access key {KEY}"]


def test_root_without_keys_is_left_alone(aws: Expect) -> None:
    aws(audit(keys=False, password=False))

    execution = run_on(DryRun=False, Confirmation=MEMBER)

    assert execution.steps == ["Audit", "Decide", "NothingToDo"]
    assert execution["Audit.Summary"] == f"account {MEMBER}: nothing to delete"
    assert execution["Audit.LoginProfile"] is False


@pytest.mark.parametrize(
    "confirmation", [pytest.param("", id="none"), pytest.param("777788889999", id="another-account's")]
)
def test_without_confirmation_it_refuses(aws: Expect, confirmation: str) -> None:
    aws([("sts", [IDENTITY]), ORGANIZATION])

    with pytest.raises(StepFailed) as failure:
        run_on(DryRun=False, Confirmation=confirmation)

    assert str(failure.value) == (
        f"Audit: nothing is deleted: Confirmation has to be the member's account id, {MEMBER}"
    )


def test_management_account_is_refused(aws: Expect) -> None:
    aws([("sts", [IDENTITY]), ORGANIZATION])

    with pytest.raises(StepFailed) as failure:
        run_on(MANAGEMENT)

    assert str(failure.value) == (
        f"Audit: account {MANAGEMENT} is the management account, or the one that this runs in: "
        "its root user has to delete its credentials itself, in the console"
    )


def test_keys_that_come_back_are_an_error(aws: Expect) -> None:
    left = [*deletion(DELETE_KEY)[:-1], holding(keys=True)]
    aws([*audit(), *left])

    with pytest.raises(StepFailed) as failure:
        run_on(DryRun=False, Confirmation=MEMBER)

    assert str(failure.value) == f"Delete: root has access keys again: {KEY}"
