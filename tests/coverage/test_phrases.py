"""The hole in a few words, for the annotation."""

from __future__ import annotations

import pytest
from root_usage.coverage import Missed, Recorded, Watch, decide_coverage

from tests.coverage.watches import ACCOUNT, OTHER_ACCOUNT, root_and, watch


@pytest.mark.parametrize(
    ("watches", "phrase"),
    [
        pytest.param(
            [watch('{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }')],
            "misses root CreateAccessKey and other API calls (ConsoleLogin only)",
            id="sign-ins-only",
        ),
        pytest.param(
            [watch(root_and("($.eventName = CreateUser || $.eventName = DeleteUser)"))],
            "misses root CreateAccessKey and other calls (CreateUser and 1 more only)",
            id="two-calls-only",
        ),
        pytest.param(
            [watch(root_and("$.eventName != ConsoleLogin"))], "misses root ConsoleLogin", id="no-sign-ins"
        ),
        pytest.param(
            [
                watch(root_and("$.eventName != ConsoleLogin")),
                watch(root_and("$.additionalEventData.MFAUsed = Yes")),
            ],
            "misses root ConsoleLogin without MFA",
            id="no-sign-ins-without-mfa",
        ),
        pytest.param(
            [
                watch(root_and("$.eventName != ConsoleLogin")),
                watch(root_and("$.additionalEventData.MFAUsed = No")),
            ],
            "misses root ConsoleLogin with MFA",
            id="no-sign-ins-with-mfa",
        ),
        pytest.param(
            [watch(root_and("($.eventName != ConsoleLogin || $.errorMessage NOT EXISTS)"))],
            "misses root ConsoleLogin that fails",
            id="no-failed-sign-ins",
        ),
        pytest.param(
            [watch(root_and("$.eventName != PasswordRecoveryRequested"))],
            "misses root PasswordRecoveryRequested",
            id="no-password-recovery",
        ),
        pytest.param(
            [watch(root_and("$.eventName != PasswordUpdated"))],
            "misses root PasswordUpdated",
            id="no-password-change",
        ),
        pytest.param(
            [watch(root_and("$.errorCode = *"))],
            "misses every root call that succeeds (needs errorCode)",
            id="failures-only",
        ),
        pytest.param(
            [watch(root_and("$.requestParameters.['x [NO_ALARM]'] NOT EXISTS"))],
            "misses root calls with `requestParameters.x [NO_ALARM]`",
            id="name-that-poses-as-a-code",
        ),
        pytest.param(
            [watch(root_and("$.requestParameters.['x [NO_ALARM]'] = y"))],
            "misses root CreateAccessKey (needs `requestParameters.x [NO_ALARM]` y)",
            id="needs-a-name-that-poses-as-a-code",
        ),
        pytest.param(
            [watch(root_and("$.errorCode NOT EXISTS"))],
            "misses root calls that fail (errorCode)",
            id="successes-only",
        ),
        pytest.param(
            [watch(f'{{ $.recipientAccountId = "{OTHER_ACCOUNT}" && $.userIdentity.type = Root }}')],
            "watches account 444455556666 only",
            id="another-account-in-the-pattern",
        ),
        pytest.param(
            [watch(criteria=f'@aws.account IN ["{OTHER_ACCOUNT}"]')],
            "watches account 444455556666 only",
            id="another-account-in-the-criteria",
        ),
        pytest.param([watch(root_and('$.awsRegion = "us-east-1"'))], "misses us-west-2", id="one-region"),
        pytest.param(
            [watch(criteria='@aws.region = "us-west-2"')],
            "misses us-east-1 and other regions (us-west-2 only)",
            id="a-region-in-the-criteria",
        ),
        pytest.param(
            [watch(recorded=Recorded(reads=False))],
            "misses root's read-only calls, which the trail leaves out",
            id="a-trail-without-reads",
        ),
        pytest.param(
            [watch(recorded=Recorded(writes=False))],
            "misses root's write calls, which the trail leaves out",
            id="a-trail-without-writes",
        ),
        pytest.param(
            [watch(recorded=Recorded(excluded_sources=frozenset({"kms.amazonaws.com"})))],
            "misses root's kms.amazonaws.com calls, which the trail leaves out",
            id="a-trail-without-kms",
        ),
        pytest.param(
            [watch(root_and('$.userAgent != "aws cli"'))],
            "misses root calls by user agent `aws cli`",
            id="a-user-agent-with-a-blank-is-quoted",
        ),
        pytest.param(
            [watch(root_and("$.userIdentity.sessionContext.attributes.mfaAuthenticated != true"))],
            "misses root CreateAccessKey (needs sessionContext.attributes.mfaAuthenticated false)",
            id="sessions-without-mfa-only",
        ),
        pytest.param(
            [watch(root_and("$.requestParameters.policyArn NOT EXISTS"))],
            "misses root calls with requestParameters.policyArn",
            id="a-free-field-that-must-not-be-there",
        ),
        pytest.param(
            [watch('{ $.userIdentity.type = "IAMUser" }')],
            "matches no root event of this account",
            id="no-root-event-at-all",
        ),
    ],
)
def test_the_hole_is_named(watches: list[Watch], phrase: str) -> None:
    outcome = decide_coverage(watches, ACCOUNT)

    assert isinstance(outcome, Missed)
    assert phrase == outcome.phrase
