"""The function's libraries as a Lambda layer in the account: published once for each content.

rdk would take its public layer instead, which isn't published in every region, doesn't say which
rdklib it holds, and puts a boto3 of its day before Lambda's own: a rule that can't read alarm mute
rules reports every account as unverified.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ..desk.exit_status import ExitStatus
from ..desk.progress import busy, tell
from . import names, package

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.literals import RuntimeType
    from mypy_boto3_lambda.type_defs import LayerVersionsListItemTypeDef
    from mypy_boto3_s3 import S3Client


class LayerDiffers(click.ClickException):
    """What Lambda took isn't what was uploaded."""

    exit_code = ExitStatus.COULD_NOT_RUN


def publish(
    aws_lambda: LambdaClient,
    s3: S3Client,
    bucket: str,
    name: str,
    build: Callable[[], Path] = package.cached_layer,
) -> str:
    """The ARN of the layer version with just this content, published if it isn't there yet.

    https://docs.aws.amazon.com/lambda/latest/api/API_LayerVersionContentOutput.html
    """
    with busy(f"layer {name}: building"):
        path = build()
    pins, digest = " ".join(package.pins()), package.sha256_base64(path)
    for version in versions(aws_lambda, name):
        # The description spares a call for each version of other pins; what a version holds, it only claims.
        if version.get("Description") == pins and _digest(aws_lambda, name, version["Version"]) == digest:
            tell(f"layer {name}: version {version['Version']} holds it already")
            return str(version["LayerVersionArn"])
    key = "libraries.zip"
    with busy(f"layer {name}: publishing"):
        s3.upload_file(str(path), bucket, key)
        published = aws_lambda.publish_layer_version(
            LayerName=name,
            Description=pins,
            Content={"S3Bucket": bucket, "S3Key": key},
            CompatibleRuntimes=[cast("RuntimeType", names.RUNTIME)],
        )
    if published["Content"]["CodeSha256"] != digest:
        raise LayerDiffers(
            f"layer {name}: version {published['Version']} doesn't hold what was uploaded to "
            f"s3://{bucket}/{key}: somebody else wrote there meanwhile. See who may, then try again"
        )
    tell(f"layer {name}: version {published['Version']} published")
    return str(published["LayerVersionArn"])


def _digest(aws_lambda: LambdaClient, name: str, version: int) -> str:
    answer = aws_lambda.get_layer_version(LayerName=name, VersionNumber=version)
    return str(answer["Content"]["CodeSha256"])


def delete(aws_lambda: LambdaClient, name: str) -> int:
    """Deletes every version; returns how many there were."""
    found = versions(aws_lambda, name)
    for version in found:
        aws_lambda.delete_layer_version(LayerName=name, VersionNumber=version["Version"])
    return len(found)


def versions(aws_lambda: LambdaClient, name: str) -> list[LayerVersionsListItemTypeDef]:
    """Newest first, as Lambda lists them."""
    pages = aws_lambda.get_paginator("list_layer_versions").paginate(LayerName=name)
    return [each for page in pages for each in page["LayerVersions"]]
