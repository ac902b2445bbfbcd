"""CloudWatch Observability Admin, which moto lacks, answers in the local AWS for each account and region."""

from __future__ import annotations

from root_usage_alarm.local_aws import Account, LocalAws, hooks


def shown(account: Account) -> list[str]:
    pages = account.client("observabilityadmin").get_paginator("list_telemetry_pipelines").paginate()
    return [each["Name"] for page in pages for each in page["PipelineSummaries"]]


def test_pipelines_are_shown_where_they_are(account: Account) -> None:
    hooks.put_pipeline(account.account_id, account.region, "trails")

    assert shown(account) == ["trails"]
    assert shown(Account("444455556666")) == []
    assert shown(Account(account.account_id, "eu-west-1")) == []


def test_second_page_is_shown(account: Account) -> None:
    for number in range(101):
        hooks.put_pipeline(account.account_id, account.region, f"p{number}")

    assert len(shown(account)) == 101


def test_server_answers_too_and_forgets_with_everything_else(aws: LocalAws) -> None:
    account = Account(endpoint_url=aws.endpoint_url)
    hooks.put_pipeline(account.account_id, account.region, "trails")
    before = shown(account)
    aws.reset()

    assert (before, shown(account)) == (["trails"], [])
