"""The function's libraries as a Lambda layer in the account: published once for each set of pins.

rdk would take its public layer instead, which isn't published in every region, doesn't say which
rdklib it holds, and puts a boto3 of its day before Lambda's own: a rule that can't read alarm mute
rules reports every account as unverified.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from . import names, package

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.literals import RuntimeType
    from mypy_boto3_lambda.type_defs import LayerVersionsListItemTypeDef
    from mypy_boto3_s3 import S3Client


def publish(
    aws_lambda: LambdaClient,
    s3: S3Client,
    bucket: str,
    name: str,
    build: Callable[[], Path] = package.build_layer,
) -> str:
    """The ARN of the layer version with today's pins, published if it isn't there yet."""
    pins = " ".join(package.pins())
    for version in versions(aws_lambda, name):
        if version.get("Description") == pins:
            return str(version["LayerVersionArn"])
    key = "libraries.zip"
    s3.upload_file(str(build()), bucket, key)
    published = aws_lambda.publish_layer_version(
        LayerName=name,
        Description=pins,
        Content={"S3Bucket": bucket, "S3Key": key},
        CompatibleRuntimes=[cast("RuntimeType", names.RUNTIME)],
    )
    return str(published["LayerVersionArn"])


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
