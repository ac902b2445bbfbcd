"""What a finding says of an answer that AWS didn't give."""

from __future__ import annotations

import pytest
from root_usage.aws.asking import Unreadable
from root_usage.verdict.findings import Code, unreadable


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("AccessDenied", "allow kms:DescribeKey to the role that the rule reads with"),
        (
            "MalformedAnswer",
            "evaluate the rule again; if it stays so, see whether a proxy answers in AWS's place",
        ),
        ("NotInThisBoto3", "give the function the layer with a current boto3, or a newer runtime"),
        ("InvalidRegion", "correct the region in the resource's ARN, which is none of AWS's"),
        ("NotOffered", "ask AWS itself, not an emulator"),
        ("ParamValidation", "correct the resource's name or ARN, which AWS's own call doesn't take"),
    ],
)
def test_the_remedy_fits_the_fault(code: str, remedy: str) -> None:
    finding = unreadable(Code.TOPIC_KEY_UNREADABLE, "k", "key `k`", Unreadable("kms:DescribeKey", code))

    assert finding.message == f"cannot verify key `k`: kms:DescribeKey answered {code}"
    assert finding.remedy == remedy


def test_a_remedy_of_its_own_is_for_refusals_only() -> None:
    def remedy(code: str) -> str:
        refusal = Unreadable("kms:DescribeKey", code)
        return unreadable(Code.TOPIC_KEY_UNREADABLE, "k", "key `k`", refusal, "let it in").remedy

    assert remedy("AccessDenied") == "let it in"
    assert remedy("NotOffered") == "ask AWS itself, not an emulator"
