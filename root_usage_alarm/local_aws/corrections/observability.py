"""CloudWatch pipelines: moto has nothing of CloudWatch Observability Admin.

https://docs.aws.amazon.com/cloudwatch/latest/observabilityadmin/API_ListTelemetryPipelines.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.logs.models import logs_backends

from .patching import Corrections, kept

CORRECTIONS = Corrections()

_PIPELINES_PER_PAGE = 100


def pipelines(account_id: str, region: str) -> list[dict[str, Any]]:
    """The summaries of the account's pipelines there, as AWS shows them."""
    return kept(logs_backends[account_id][region], "telemetry_pipelines", list)


class _ObservabilityAdminResponse(BaseResponse):
    def __init__(self) -> None:
        super().__init__(service_name="observabilityadmin")
        self.automated_parameter_parsing = True

    def list_telemetry_pipelines(self) -> ActionResult:
        there = pipelines(self.current_account, self.region)
        start = int(self._get_param("NextToken") or 0)
        end = start + int(self._get_param("MaxResults") or _PIPELINES_PER_PAGE)
        token = {"NextToken": str(end)} if end < len(there) else {}
        return ActionResult({"PipelineSummaries": there[start:end]} | token)


CORRECTIONS.serves("observabilityadmin", "/ListTelemetryPipelines$", beside="logs")(
    _ObservabilityAdminResponse.dispatch
)
