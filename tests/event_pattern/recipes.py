"""Event patterns that people publish for root use, and which root events each matches, by hand.

The first twenty are those of AWS's own pages and of public modules, in the fact sheet's order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.event_pattern.root_events import (
    API_CALL,
    API_CALLS,
    EVERYTHING,
    PEOPLES,
    SERVICE_EVENT,
    SIGN_IN,
    SIGN_INS,
)

NOTHING: frozenset[str] = frozenset()
ROOT = {"userIdentity": {"type": ["Root"]}}
CLOUDTRAIL_CALLS = frozenset({"CloudTrail write", "LookupEvents"})
CONSOLE_LOGINS = frozenset({"sign-in", "failed sign-in"})


def of(detail_type: Iterable[str] = (), source: Iterable[str] = (), **detail: Any) -> str:
    """The pattern with the envelope's fields that are given, and the record's."""
    pattern: dict[str, Any] = {}
    if detail_type:
        pattern["detail-type"] = list(detail_type)
    if source:
        pattern["source"] = list(source)
    if detail:
        pattern["detail"] = detail
    return json.dumps(pattern)


RECIPES: dict[str, tuple[str, frozenset[str]]] = {
    "sign-ins of root": (of([SIGN_IN], **ROOT), SIGN_INS),
    "calls and sign-ins of root": (of([API_CALL, SIGN_IN], **ROOT), API_CALLS | SIGN_INS),
    "and service events": (
        of([API_CALL, SIGN_IN, SERVICE_EVENT], **ROOT),
        API_CALLS | SIGN_INS | {"service event"},
    ),
    "type alone": (of(**ROOT), EVERYTHING),
    "source of sign-ins": (of([SIGN_IN], ["aws.signin"], **ROOT), SIGN_INS),
    "ConsoleLogin": (
        of(source=["aws.signin"], eventName=["ConsoleLogin"], eventType=["AwsConsoleSignIn"], **ROOT),
        CONSOLE_LOGINS,
    ),
    "literal star": (of(eventName=["*"], **ROOT), NOTHING),
    "source aws.cloudtrail": (of([API_CALL], ["aws.cloudtrail"], **ROOT), CLOUDTRAIL_CALLS),
    "source aws.cloudtrail without service events": (
        of([API_CALL], ["aws.cloudtrail"], eventType=[{"anything-but": ["AwsServiceEvent"]}], **ROOT),
        CLOUDTRAIL_CALLS,
    ),
    "calls of root": (of([API_CALL], **ROOT), API_CALLS),
    "ARN of root at sign-in": (
        of([SIGN_IN], userIdentity={"arn": ["arn:aws:iam::111122223333:root"]}),
        SIGN_INS,
    ),
    "ConsoleLogin without detail-type": (of(eventName=["ConsoleLogin"], **ROOT), CONSOLE_LOGINS),
    "password events": (
        of(eventName=["PasswordUpdated", "PasswordRecoveryRequested", "PasswordRecoveryCompleted"], **ROOT),
        frozenset({"password recovery"}),
    ),
    "e-mail change": (of(eventName=["EmailUpdated"], **ROOT), frozenset({"e-mail change"})),
    "sign-in without MFA": (
        of([SIGN_IN], additionalEventData={"MFAUsed": ["No"]}, **ROOT),
        frozenset({"failed sign-in"}),
    ),
    "ConsoleLogin of anybody": (of([SIGN_IN], eventName=["ConsoleLogin"]), CONSOLE_LOGINS),
    "sign-ins of anybody": (of([SIGN_IN]), SIGN_INS),
    "the guide's spelling": (of(["AWS Console Signin via CloudTrail"], **ROOT), NOTHING),
    # clauses that narrow a pattern which is good otherwise
    "only what succeeded": (
        of(errorMessage=[{"exists": False}], errorCode=[{"exists": False}], **ROOT),
        EVERYTHING - {"failed sign-in"},
    ),
    "only writes": (of(readOnly=[False], **ROOT), EVERYTHING - {"read", "LookupEvents"}),
    "boolean as text": (of(readOnly=["false"], **ROOT), NOTHING),
    "one region": (
        json.dumps({"region": ["us-east-1"], "detail": ROOT}),
        EVERYTHING - {"EC2 write elsewhere"},
    ),
    "number for an account": (json.dumps({"account": [111122223333], "detail": ROOT}), NOTHING),
    "star for an account": (json.dumps({"account": ["*"], "detail": ROOT}), NOTHING),
    "two event types": (
        of(eventType=["AwsApiCall", "AwsConsoleSignIn"], **ROOT),
        EVERYTHING - {"console action", "service event"},
    ),
    "invokedBy anything-but": (
        of(userIdentity={"type": ["Root"], "invokedBy": [{"anything-but": ["AWS Internal"]}]}),
        frozenset({"by a service"}),
    ),
    "MFA of the session": (
        of(
            userIdentity={
                "type": ["Root"],
                "sessionContext": {"attributes": {"mfaAuthenticated": ["false"]}},
            }
        ),
        frozenset({"AssumeRoot session"}),
    ),
    "login succeeded": (of(responseElements={"ConsoleLogin": ["Success"]}, **ROOT), frozenset({"sign-in"})),
    "without AssumeRoot": (
        of(userIdentity={"type": ["Root"], "sessionContext": {"assumedRoot": [{"exists": False}]}}),
        EVERYTHING - {"AssumeRoot session"},
    ),
    "list of services": (of(source=["aws.iam", "aws.signin"], **ROOT), SIGN_INS | {"IAM write"}),
    # harmless clauses
    "suffix of detail-type": (
        json.dumps({"detail-type": [{"suffix": "via CloudTrail"}], "detail": ROOT}),
        EVERYTHING,
    ),
    "prefix of source": (json.dumps({"source": [{"prefix": "aws."}], "detail": ROOT}), EVERYTHING),
    "management events": (of(managementEvent=[True], **ROOT), EVERYTHING),
    "wildcard ARN": (of(userIdentity={"arn": [{"wildcard": "arn:*:iam::*:root"}]}), EVERYTHING),
    "suffix of the ARN": (of(userIdentity={"arn": [{"suffix": ":root"}]}), EVERYTHING),
    "lower case": (of(userIdentity={"type": ["root"]}), NOTHING),
    "any case": (of(userIdentity={"type": [{"equals-ignore-case": "root"}]}), EVERYTHING),
    # everything that a person has to be told of, in several ways
    "complete": (
        of(
            userIdentity={"type": ["Root"], "invokedBy": [{"exists": False}]},
            eventType=[{"anything-but": ["AwsServiceEvent"]}],
        ),
        PEOPLES,
    ),
    "complete with dots": (
        json.dumps(
            {
                "detail.userIdentity.type": ["Root"],
                "detail.userIdentity.invokedBy": [{"exists": False}],
                "detail.eventType": [{"anything-but": "AwsServiceEvent"}],
            }
        ),
        PEOPLES,
    ),
    "sign-ins or calls": (
        json.dumps(
            {
                "detail": ROOT,
                "$or": [{"detail-type": [SIGN_IN]}, {"source": [{"anything-but": {"prefix": "aws.sign"}}]}],
            }
        ),
        EVERYTHING,
    ),
    "key below or replaces the one beside it": (
        json.dumps({"source": ["aws.signin"], "$or": [{"source": ["aws.iam"]}, {"source": ["aws.ec2"]}]}),
        frozenset({"IAM write", "EC2 write elsewhere"}),
    ),
    "addresses": (of(sourceIPAddress=[{"cidr": "203.0.113.0/24"}], **ROOT), NOTHING),
}

INVALID = {
    "scalar where an array belongs": '{"detail": {"userIdentity": {"type": "Root"}}}',
    "nothing": "{}",
    "empty detail": '{"detail": {}}',
    "array": "[]",
    "two operators": '{"source": [{"prefix": "aws.", "suffix": "iam"}]}',
    "or of one": '{"$or": [{"source": ["aws.iam"]}]}',
    "or of a scalar": '{"$or": [{"source": ["aws.iam"]}, "x"]}',
}
