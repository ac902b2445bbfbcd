"""CloudWatch pipelines, as CloudWatch Observability Admin's API shows them.

https://docs.aws.amazon.com/cloudwatch/latest/observabilityadmin/API_TelemetryPipelineSummary.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .asking import NotOffered, Question, Reader, Readers


@dataclass(frozen=True, slots=True)
class DataSource:
    """Whose events a pipeline takes, such as `aws_cloudtrail`, `management`; what AWS leaves out is empty."""

    name: str
    type: str

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> DataSource:
        return cls(member.get("Name", ""), member.get("Type", ""))


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A telemetry pipeline's summary; a list that AWS leaves out is empty."""

    name: str
    status: str
    sources: tuple[str, ...]  # plugins, such as `cloudwatch_logs` and `s3`
    data_sources: tuple[DataSource, ...]
    processors: tuple[str, ...]

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Pipeline:
        summary = member.get("ConfigurationSummary", {})
        return cls(
            name=member["Name"],
            status=member.get("Status", ""),
            sources=tuple(each.get("Type", "") for each in summary.get("Sources", ())),
            data_sources=tuple(DataSource.from_api(each) for each in summary.get("DataSources", ())),
            processors=tuple(summary.get("Processors", ())),
        )


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pipelines(Question[tuple[Pipeline, ...] | NotOffered]):
    """Every CloudWatch pipeline of the place."""


def _pipelines(client: Any, _: Pipelines) -> tuple[Pipeline, ...]:
    pages = client.get_paginator("list_telemetry_pipelines").paginate()
    return tuple(Pipeline.from_api(each) for page in pages for each in page["PipelineSummaries"])


READERS: Readers = {
    Pipelines: Reader(
        "observabilityadmin",
        ("observabilityadmin:ListTelemetryPipelines",),
        _pipelines,
        may_not_be_offered=True,
        is_everywhere=False,
    ),
}
