"""Step 3: the metric filters."""

from __future__ import annotations

from functools import partial
from typing import Any

import boto3

from root_usage_alarm.remediation.steps.shared import JSON, filters_of, patiently


def handler(events: JSON, _context: Any) -> JSON:
    """Puts the metric filters that aren't there; never over one that is (the last step judges it).

    A 1 for each event, and nothing in between: the alarm takes missing data for not breaching.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
    """
    chain, done = events["Chain"], []
    logs: Any = boto3.client("logs", chain["Region"])
    group = chain["LogGroup"]
    filters = patiently(lambda: filters_of(logs, logGroupName=group), "ResourceNotFound")
    there = [each["filterName"] for each in filters]
    for signal in events["Signals"]:
        name = signal["Filter"]
        metric = {"metricName": signal["Metric"], "metricNamespace": signal["Namespace"], "metricValue": "1"}
        if name not in there:
            made = {"filterName": name, "filterPattern": signal["Pattern"], "metricTransformations": [metric]}
            put = partial(logs.put_metric_filter, logGroupName=group, **made)
            patiently(put, "ResourceNotFound", "OperationAborted")
            done.append(f"created metric filter `{name}`")
    return {"Done": done or ["nothing to do"]}
