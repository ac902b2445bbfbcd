"""Lambda functions, as far as an alarm that invokes one depends on them.

https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .arn import Arn
from .asking import Question, Reader, Readers

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


@dataclass(frozen=True, slots=True)
class PolicyOfFunction(Question[str | None]):
    """A Lambda function's resource policy, JSON text; None when it has none."""

    function_arn: Arn


def _function_policy(client: LambdaClient, question: PolicyOfFunction) -> str | None:
    try:
        return str(client.get_policy(FunctionName=str(question.function_arn))["Policy"])
    except client.exceptions.ResourceNotFoundException:
        return None


READERS: Readers = {
    PolicyOfFunction: Reader("lambda", ("lambda:GetPolicy",), _function_policy),
}
