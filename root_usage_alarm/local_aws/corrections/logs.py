"""CloudWatch Logs: metric filters, log group classes, transformers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from moto.logs.exceptions import InvalidParameterException, LogsClientError, ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend, logs_backends
from moto.logs.responses import LogsResponse
from root_usage.filter_pattern.matching import SpaceDelimitedPatternNotEvaluated, matches
from root_usage.filter_pattern.parser import parse_filter_pattern
from root_usage.filter_pattern.syntax_error import PatternSyntaxError

from .patching import Corrections, kept

CORRECTIONS = Corrections()

_FILTERS_PER_LOG_GROUP = 100
_FILTERS_PER_PAGE = 50


@CORRECTIONS.replaces(LogsResponse, "put_metric_filter")
def put_metric_filter_replaces(original: Callable[..., str], self: Any) -> str:
    """moto adds a second filter of the same name, to any log group, and loses the newer members.

    AWS "creates or updates" a filter, of an existing log group, at most 100 of them, and refuses
    dimensions together with a default value:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
    """
    group, name = self._get_param("logGroupName"), self._get_param("filterName")
    if group not in self.logs_backend.groups:
        raise ResourceNotFoundException()
    (transformation,) = self._get_param("metricTransformations")
    if transformation.get("dimensions") and "defaultValue" in transformation:
        raise InvalidParameterException(
            msg="Invalid metric transformation: dimensions and default value are mutually exclusive"
        )
    filters = self.logs_backend.filters.metric_filters
    others = [each for each in filters if (each["logGroupName"], each["filterName"]) != (group, name)]
    if len([each for each in others if each["logGroupName"] == group]) >= _FILTERS_PER_LOG_GROUP:
        raise LogsClientError("LimitExceededException", "Resource limit exceeded.")
    answer = original(self)
    filters[:] = [*others, filters[-1] | _members_that_moto_loses(self)]
    return answer


def _members_that_moto_loses(response: Any) -> dict[str, Any]:
    members = {
        "creationTime": int(time.time() * 1000),
        "applyOnTransformedLogs": response._get_param("applyOnTransformedLogs") or False,
        "fieldSelectionCriteria": response._get_param("fieldSelectionCriteria"),
        "emitSystemFieldDimensions": response._get_param("emitSystemFieldDimensions"),
    }
    return {name: value for name, value in members.items() if value is not None}


@CORRECTIONS.replaces(LogsResponse, "describe_metric_filters")
def describe_metric_filters_in_pages(original: Callable[..., str], self: Any) -> str:
    """moto returns all filters at once, unsorted, and an empty list for a log group that isn't there.

    AWS sorts by filter name, returns at most 50 and a token, and answers ResourceNotFoundException:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html
    """
    group = self._get_param("logGroupName")
    if group is not None and group not in self.logs_backend.groups:
        raise ResourceNotFoundException()
    filters = sorted(json.loads(original(self))["metricFilters"], key=lambda each: str(each["filterName"]))
    start = int(self._get_param("nextToken") or 0)
    end = start + int(self._get_param("limit") or _FILTERS_PER_PAGE)
    answer: dict[str, Any] = {"metricFilters": filters[start:end]}
    if end < len(filters):
        answer["nextToken"] = str(end)
    return json.dumps(answer)


@CORRECTIONS.replaces(LogsBackend, "delete_log_group")
def delete_log_group_takes_its_filters_along(
    original: Callable[..., None], self: Any, log_group_name: str
) -> None:
    """moto keeps the filters of a deleted log group, for the next group of that name.

    A metric filter is part of its log group:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
    """
    original(self, log_group_name)
    filters = self.filters.metric_filters
    filters[:] = [each for each in filters if each["logGroupName"] != log_group_name]


@CORRECTIONS.replaces(LogsResponse, "create_log_group")
def log_group_class_is_kept(original: Callable[..., str], self: Any) -> str:
    """moto forgets the log group's class; see `log_group_tells_its_class`."""
    answer = original(self)
    group = self.logs_backend.groups[self._get_param("logGroupName")]
    group.log_group_class = self._get_param("logGroupClass") or "STANDARD"
    return answer


@CORRECTIONS.replaces(LogGroup, "to_describe_dict")
def log_group_tells_its_class(original: Callable[..., dict[str, Any]], self: Any) -> dict[str, Any]:
    """moto has no logGroupClass, and a metricFilterCount of 0.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
    """
    filters = logs_backends[self.account_id][self.region].filters.metric_filters
    return original(self) | {
        "logGroupClass": kept(self, "log_group_class", lambda: "STANDARD"),
        "metricFilterCount": len([each for each in filters if each["logGroupName"] == self.name]),
    }


@CORRECTIONS.adds(LogsResponse)
def put_transformer(self: Any) -> str:
    """moto knows no transformers. Kept as put; transforms nothing.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutTransformer.html
    """
    group = _log_group(self)
    now = int(time.time() * 1000)
    before: dict[str, Any] = kept(group, "transformer", dict)
    group.transformer = {
        "logGroupIdentifier": self._get_param("logGroupIdentifier"),
        "creationTime": before.get("creationTime", now),
        "lastModifiedTime": now,
        "transformerConfig": self._get_param("transformerConfig"),
    }
    return ""


@CORRECTIONS.adds(LogsResponse)
def get_transformer(self: Any) -> str:
    """moto knows no transformers.

    AWS doesn't say what it answers for a log group that has none; here the answer has no members. A
    log group that isn't there is a ResourceNotFoundException:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetTransformer.html
    """
    return json.dumps(kept(_log_group(self), "transformer", dict))


@CORRECTIONS.adds(LogsResponse)
def delete_transformer(self: Any) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteTransformer.html"""
    _log_group(self).transformer = {}
    return ""


def _log_group(response: Any) -> Any:
    """The group that `logGroupIdentifier` names, which may be a name or an ARN."""
    name = response._get_param("logGroupIdentifier").split(":log-group:")[-1].removesuffix(":*")
    if name not in response.logs_backend.groups:
        raise ResourceNotFoundException()
    return response.logs_backend.groups[name]


@CORRECTIONS.adds(LogsResponse)
def put_account_policy(self: Any) -> str:
    """moto knows no account policies; kept as put, without effect.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html
    """
    names = ("policyName", "policyDocument", "policyType", "scope", "selectionCriteria")
    policy = {name: self._get_param(name) for name in names if self._get_param(name) is not None}
    policy |= {"accountId": self.current_account, "lastUpdatedTime": int(time.time() * 1000)}
    _account_policies(self)[policy["policyType"], policy["policyName"]] = policy
    return json.dumps({"accountPolicy": policy})


@CORRECTIONS.adds(LogsResponse)
def describe_account_policies(self: Any) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeAccountPolicies.html"""
    kind, name = self._get_param("policyType"), self._get_param("policyName")
    policies = [
        policy
        for policy in _account_policies(self).values()
        if policy["policyType"] == kind and name in (None, policy["policyName"])
    ]
    return json.dumps({"accountPolicies": policies})


def _account_policies(response: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return kept(response.logs_backend, "account_policies", dict)


@CORRECTIONS.adds(LogsResponse)
def test_metric_filter(self: Any) -> str:
    """moto stores patterns and evaluates none, so this answers with the project's own evaluator.

    It therefore proves nothing about that evaluator: only AWS's own TestMetricFilter does
    (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html).
    """
    messages = self._get_param("logEventMessages")
    try:
        pattern = parse_filter_pattern(self._get_param("filterPattern"))
        matched = [
            {"eventNumber": number, "eventMessage": message, "extractedValues": {}}
            for number, message in enumerate(messages, start=1)
            if matches(pattern, message)
        ]
    except PatternSyntaxError as error:
        raise InvalidParameterException(msg=f"Invalid filter pattern: {error}") from None
    except SpaceDelimitedPatternNotEvaluated:
        raise InvalidParameterException(msg="The local AWS evaluates no space-delimited patterns") from None
    return json.dumps({"matches": matched})
