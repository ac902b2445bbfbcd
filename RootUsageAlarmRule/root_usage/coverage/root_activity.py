"""Which CloudTrail events "root used this account" means, as data.

A field says which values it may have in such an event, the usual one first. What no one has seen but
AWS doesn't rule out either is doubtful: a proof takes it into account, a counterexample never rests
on it. A field that isn't listed is free: absent, or any JSON value.

So two things are told apart: what AWS documents, and what is observed. Some fields are optional by AWS's
page, and yet in every event of root that anybody recorded (`OBSERVED`); a pattern that catches all root
events only as they are observed is Covered with a note.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any

from ..filter_pattern.regex import parse_regex, search


class Absent(Enum):
    """Stands where a field has no value, not even null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """The values of one field. `{}` stands for any object: its members are fields of their own.

    `words` and `doubtful_words` are regular expressions, in AWS's dialect, of further strings;
    `familiar` are some of them, which an example should rather have than what an automaton makes up.
    """

    values: tuple[Any, ...]
    words: str | None = None
    doubtful: tuple[Any, ...] = ()
    doubtful_words: str | None = None
    familiar: tuple[str, ...] = ()
    is_free: bool = False


FREE = Field(values=(ABSENT, "example", {}, None, True, False, 1, 0, []), words="", is_free=True)

ROOT_FILTER_PATTERN = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }'
)
"""What CIS and Security Hub ask for, and what this project recommends and installs.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-1
"""

ROOT_EVENT_PATTERN = (
    '{"detail": {"userIdentity": {"type": ["Root"], "invokedBy": [{"exists": false}]}, '
    '"eventType": [{"anything-but": ["AwsServiceEvent"]}]}}'
)
"""The same in EventBridge's language."""

REGIONS: Mapping[str, tuple[str, ...]] = {
    "aws": (
        *("us-east-1", "us-west-2", "eu-west-1", "us-east-2", "us-west-1", "eu-central-1", "ap-southeast-2"),
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-3", "ap-southeast-4"),
        *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-2"),
        *("eu-north-1", "eu-south-1", "eu-south-2", "eu-west-2", "eu-west-3", "il-central-1"),
        *("me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
    ),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1"),
}
"""Root's events come from any region; sign-ins and IAM from the first of these in each partition."""

SIGN_IN_REGIONS: Mapping[str, tuple[str, ...]] = {
    "aws": ("us-east-1", "us-east-2", "us-west-2"),
    "aws-cn": ("cn-north-1",),
    "aws-us-gov": ("us-gov-west-1",),
}
"""The regions that record root's sign-ins, by partition.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
"""


def has_sign_ins(region: str, partition: str) -> bool:
    """Whether root's sign-ins may be recorded in the region; of other partitions AWS's page is silent."""
    return partition != "aws" or region in SIGN_IN_REGIONS[partition]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """An API call that root might make: what its event says."""

    source: str
    name: str
    is_read_only: bool = False


CALLS: tuple[ApiCall, ...] = (
    ApiCall("iam.amazonaws.com", "CreateAccessKey"),
    ApiCall("iam.amazonaws.com", "CreateUser"),
    ApiCall("iam.amazonaws.com", "DeleteUser"),
    ApiCall("iam.amazonaws.com", "AttachUserPolicy"),
    ApiCall("iam.amazonaws.com", "PutUserPolicy"),
    ApiCall("iam.amazonaws.com", "DeactivateMFADevice"),
    ApiCall("iam.amazonaws.com", "EnableMFADevice"),
    ApiCall("iam.amazonaws.com", "GetAccountSummary", is_read_only=True),
    ApiCall("iam.amazonaws.com", "ListUsers", is_read_only=True),
    ApiCall("ec2.amazonaws.com", "RunInstances"),
    ApiCall("ec2.amazonaws.com", "TerminateInstances"),
    ApiCall("ec2.amazonaws.com", "DescribeInstances", is_read_only=True),
    ApiCall("s3.amazonaws.com", "CreateBucket"),
    ApiCall("s3.amazonaws.com", "DeleteBucket"),
    ApiCall("s3.amazonaws.com", "PutBucketPolicy"),
    ApiCall("s3.amazonaws.com", "ListBuckets", is_read_only=True),
    ApiCall("kms.amazonaws.com", "ScheduleKeyDeletion"),
    ApiCall("kms.amazonaws.com", "Decrypt", is_read_only=True),
    ApiCall("rdsdata.amazonaws.com", "ExecuteStatement"),
    ApiCall("cloudtrail.amazonaws.com", "StopLogging"),
    ApiCall("cloudtrail.amazonaws.com", "DeleteTrail"),
    ApiCall("cloudtrail.amazonaws.com", "LookupEvents", is_read_only=True),
    ApiCall("sts.amazonaws.com", "GetCallerIdentity", is_read_only=True),
    ApiCall("sts.amazonaws.com", "GetFederationToken"),
    ApiCall("organizations.amazonaws.com", "LeaveOrganization"),
    ApiCall("support.amazonaws.com", "CreateCase"),
    ApiCall("health.amazonaws.com", "DescribeEventAggregates", is_read_only=True),
)

CONSOLE_ACTIONS = (ApiCall("billingconsole.amazonaws.com", "GetPaymentInformation", is_read_only=True),)


_PRINTABLE = r"^[\x20-\x7E]+$"
_TIME = r"^20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z$"
_BASIC_TIME = r"^20[0-9][0-9][01][0-9][0-3][0-9]T[0-2][0-9][0-5][0-9][0-5][0-9]Z$"
_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_ADDRESS = (
    r"^[12]?[0-9]?[0-9]\.[12]?[0-9]?[0-9]\.[12]?[0-9]?[0-9]\.[12]?[0-9]?[0-9]$"
    r"|^[0-9a-f]{1,4}:[0-9a-f:]{1,30}[0-9a-f]$"
)
# AWS keeps building. A region's code begins with its partition's prefix: botocore's partitions.json.
_REGION = {
    "aws": "^[abd-z][a-z]-[a-z]+-[0-9]{1,2}$|^c[a-mo-z]-[a-z]+-[0-9]{1,2}$",
    "aws-cn": "^cn-[a-z]+-[0-9]{1,2}$",
    "aws-us-gov": "^us-gov-[a-z]+-[0-9]{1,2}$",
}
_NOT_EMPTY = "."
_ANYTHING = ""

_OPTIONAL_STRING = Field((ABSENT, "example"), words=_PRINTABLE, doubtful_words=_ANYTHING)
_OPTIONAL_OBJECT = Field((ABSENT, None, {}))


OBSERVED: tuple[Path, ...] = (
    ("recipientAccountId",),
    ("userIdentity", "arn"),
    ("userIdentity", "accountId"),
    ("userIdentity", "principalId"),
    ("userIdentity", "sessionContext", "attributes", "mfaAuthenticated"),
    ("eventSource",),
    ("eventType",),
    ("managementEvent",),
)
"""What AWS's page marks as optional or leaves open, and every recorded event of root has as it is usual.

`managementEvent` is marked as optional, and shown for all of root's event types since eventVersion 1.06.
`eventSource` ends in `.amazonaws.com` "typically". `mfaAuthenticated` is a string in every example. Events
of other types are of other categories than Management.

Recorded near misses: a sign-in by an external identity provider whose `arn` is empty, and sign-ins of
others without `recipientAccountId` or `arn`.
"""


@lru_cache(maxsize=32)
def root_activity(
    account_id: str,
    partition: str = "aws",
    region: str | None = None,
    *,
    with_assume_root: bool = True,
    as_observed: bool = False,
) -> Mapping[Path, Field]:
    """The fields of a management event that the root user caused, but for those that are free.

    With a `region` those that are recorded there. Sessions of AssumeRoot (central root access) are root
    activity, unless they are left out here. `as_observed` leaves out what AWS's page allows for `OBSERVED`
    and nobody has seen.
    """
    fields = {
        **_record(account_id, partition),
        **_identity(account_id, partition, with_assume_root=with_assume_root),
        **_details(),
    }
    if region is not None:
        fields["awsRegion",] = Field((region,))
        if not has_sign_ins(region, partition):
            of_type = fields["eventType",]
            others = tuple(each for each in of_type.values if each != "AwsConsoleSignIn")
            fields["eventType",] = replace(of_type, values=others)
    if not as_observed:
        return fields
    return fields | {path: replace(fields[path], doubtful=(), doubtful_words=None) for path in OBSERVED}


def field_at(fields: Mapping[Path, Field], path: Path) -> Field:
    return fields.get(path, FREE)


def is_root_activity(event: Mapping[str, Any], account_id: str, partition: str = "aws") -> bool:
    """Whether the event can be one that the root user of this account caused."""
    return all(
        _allows(field, _value_at(event, path))
        for path, field in root_activity(account_id, partition).items()
        if isinstance(_value_at(event, path[:-1]), Mapping)
    )


def is_assume_root_session(event: Mapping[str, Any]) -> bool:
    return _value_at(event, ("userIdentity", "sessionContext", "assumedRoot")) is not ABSENT


def _record(account_id: str, partition: str) -> dict[Path, Field]:
    """The fields that AWS's list marks as not optional, and the three that tell the kind of event."""
    regions = REGIONS.get(partition, REGIONS["aws"])
    return {
        ("eventVersion",): Field(("1.10", "1.08", "1.09", "1.11"), doubtful_words=r"^1\.[0-9]{1,2}$"),
        ("eventTime",): Field(("2026-10-05T07:05:10Z",), words=_TIME),
        ("eventSource",): Field(
            ("iam.amazonaws.com", "signin.amazonaws.com", "ec2.amazonaws.com", "kms.amazonaws.com"),
            words=r"^[a-z][a-z0-9.-]*\.amazonaws\.com$",  # "typically", AWS says
            doubtful_words=_NOT_EMPTY,
            familiar=tuple(dict.fromkeys(call.source for call in CALLS)),
        ),
        ("eventName",): Field(
            ("CreateAccessKey", "ConsoleLogin", "RunInstances", "GetAccountSummary"),
            words=r"^[A-Z][A-Za-z0-9_.]*$",
            doubtful_words=_NOT_EMPTY,
            familiar=tuple(call.name for call in CALLS),
        ),
        ("awsRegion",): Field(regions, doubtful_words=_REGION.get(partition, _REGION["aws"])),
        ("sourceIPAddress",): Field(
            ("198.51.100.7", "203.0.113.9", "2001:db8::7", "AWS Internal"),
            words=_ADDRESS,
            doubtful_words=_NOT_EMPTY,
        ),
        ("userAgent",): Field(
            ("Mozilla/5.0", "aws-cli/2"), words=_PRINTABLE, doubtful=(ABSENT,), doubtful_words=_ANYTHING
        ),
        ("eventID",): Field(("00000000-0000-4000-8000-000000000004",), words=_ID, doubtful_words=_NOT_EMPTY),
        # Network activity and Insights events are of other categories and shouldn't be Management.
        ("eventType",): Field(
            ("AwsApiCall", "AwsConsoleSignIn", "AwsConsoleAction"),
            doubtful=("AwsVpceEvents", "AwsVpceEvent", "AwsCloudTrailInsight"),
        ),
        ("recipientAccountId",): Field((account_id,), doubtful=(ABSENT,)),
        ("eventCategory",): Field(("Management",)),
        ("readOnly",): Field((False, True), doubtful=(ABSENT,)),
        ("managementEvent",): Field((True,), doubtful=(ABSENT,)),
    }


def _identity(account_id: str, partition: str, *, with_assume_root: bool) -> dict[Path, Field]:
    user = ("userIdentity",)
    session = (*user, "sessionContext")
    return {
        user: Field(({},)),
        (*user, "type"): Field(("Root",)),
        (*user, "accountId"): Field((account_id,), doubtful=(ABSENT,)),
        (*user, "arn"): Field((f"arn:{partition}:iam::{account_id}:root",), doubtful=(ABSENT, "")),
        # Older examples show the id of a user, AIDA...
        (*user, "principalId"): Field((account_id,), doubtful=(ABSENT,), doubtful_words=_NOT_EMPTY),
        (*user, "accessKeyId"): Field(
            ("ASIAEXAMPLE00000004", "", "AKIAEXAMPLE00000005", ABSENT),
            words=r"^A[KS]IA[A-Z0-9]{12,16}$",
            doubtful_words=_ANYTHING,
        ),
        # The account's alias, if it has one
        (*user, "userName"): Field(
            (ABSENT, "example-alias"), words=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", doubtful_words=_ANYTHING
        ),
        # Present only when an AWS service made the request: then it wasn't root who did
        (*user, "invokedBy"): Field((ABSENT,)),
        session: Field((ABSENT, {})),
        (*session, "attributes"): Field(({}, ABSENT)),
        (*session, "attributes", "mfaAuthenticated"): Field(
            ("true", "false", ABSENT), doubtful=(True, False)
        ),
        (*session, "attributes", "creationDate"): Field(
            ("2026-10-05T07:03:02Z", ABSENT), words=f"{_TIME}|{_BASIC_TIME}"
        ),
        **_texts_below((*session, "sessionIssuer"), "type", "principalId", "arn", "accountId", "userName"),
        **_texts_below((*session, "webIdFederationData"), "federatedProvider"),
        (*session, "ec2RoleDelivery"): _OPTIONAL_STRING,
        (*session, "sourceIdentity"): _OPTIONAL_STRING,
        (*user, "identityProvider"): _OPTIONAL_STRING,
        (*user, "credentialId"): _OPTIONAL_STRING,
        **_texts_below((*user, "onBehalfOf"), "userId", "identityStoreArn"),
        (*session, "assumedRoot"): (
            Field((ABSENT, "true"), doubtful=(True,)) if with_assume_root else Field((ABSENT,))
        ),
    }


def _details() -> dict[Path, Field]:
    """Optional fields whose type AWS documents, or shows in every example."""
    extra, response = ("additionalEventData",), ("responseElements",)
    return {
        ("errorCode",): Field(
            (ABSENT, "AccessDenied", "Client.UnauthorizedOperation"),
            words=r"^[A-Za-z][A-Za-z0-9.:]*$",
            doubtful_words=_ANYTHING,
        ),
        ("errorMessage",): Field(
            (ABSENT, "Failed authentication"), words=_PRINTABLE, doubtful_words=_ANYTHING
        ),
        ("apiVersion",): _OPTIONAL_STRING,
        ("requestID",): _OPTIONAL_STRING,
        ("sharedEventID",): _OPTIONAL_STRING,
        ("vpcEndpointId",): _OPTIONAL_STRING,
        ("vpcEndpointAccountId",): _OPTIONAL_STRING,
        ("sessionCredentialFromConsole",): Field((ABSENT, "true"), doubtful=(True,)),
        ("requestParameters",): _OPTIONAL_OBJECT,
        response: _OPTIONAL_OBJECT,
        (*response, "ConsoleLogin"): Field((ABSENT, "Success", "Failure"), doubtful_words=_ANYTHING),
        extra: _OPTIONAL_OBJECT,
        (*extra, "MFAUsed"): Field((ABSENT, "No", "Yes"), doubtful_words=_ANYTHING),
        (*extra, "MobileVersion"): Field((ABSENT, "No", "Yes"), doubtful_words=_ANYTHING),
        (*extra, "LoginTo"): _OPTIONAL_STRING,
        (*extra, "MFAIdentifier"): _OPTIONAL_STRING,
        **_texts_below(("tlsDetails",), "tlsVersion", "cipherSuite", "clientProvidedHostHeader"),
        **_texts_below(("addendum",), "reason", "updatedFields", "originalRequestID", "originalEventID"),
    }


def _texts_below(parent: Path, *names: str) -> dict[Path, Field]:
    """An optional object, and the members that AWS documents as texts."""
    return {parent: _OPTIONAL_OBJECT, **{(*parent, name): _OPTIONAL_STRING for name in names}}


def _value_at(event: Mapping[str, Any], path: Path) -> Any:
    value: Any = event
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return ABSENT
        value = value[name]
    return value


def _allows(field: Field, value: Any) -> bool:
    if field.is_free:
        return True
    if isinstance(value, Mapping):
        return {} in field.values
    if isinstance(value, str):
        return value in (*field.values, *field.doubtful) or any(
            words is not None and (not words or search(parse_regex(words), value))
            for words in (field.words, field.doubtful_words)
        )
    return any(value is each for each in (*field.values, *field.doubtful))
