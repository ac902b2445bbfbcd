"""Step 2: the trail, its log group, and the role by which it delivers."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import ClientError

from root_usage_alarm.remediation.steps.shared import (
    JSON,
    TAGS,
    CannotRemediate,
    Chain,
    arn,
    by_first_role,
    find_log_group,
    is_ours,
    patiently,
    refuse_log_group,
    trail_is_ours,
)

# What CloudTrail says of a role, a log group or a bucket that it doesn't see yet, and S3 of a bucket.
UNSEEN = "InvalidCloudWatchLogs", "InsufficientS3BucketPolicy", "S3BucketDoesNotExist"
BUSY = "NoSuchBucket", "OperationAborted"


def handler(events: JSON, _context: Any) -> JSON:
    """Makes the trail deliver to the chain's log group; whatever is there already stays as it is."""
    chain, done = events["Chain"], list[str]()
    name, trail_arn = chain["Trail"], arn(chain, "cloudtrail", "trail/" + chain["Trail"])
    cloudtrail: Any = boto3.client("cloudtrail", chain["Region"])
    trails = cloudtrail.describe_trails(trailNameList=[trail_arn])["trailList"]
    there = trails[0].get("CloudWatchLogsLogGroupArn", "") if trails else ""
    if there and there.split(":")[6] != chain["LogGroup"]:
        raise CannotRemediate(f"trail `{name}` was joined to another log group meanwhile: run this again")
    group = ensure_log_group(chain, events["RetentionInDays"], bool(there), done)
    if chain["Role"] and (not there or by_first_role(trails[0])):
        delivery = {"CloudWatchLogsLogGroupArn": group + ":*", "CloudWatchLogsRoleArn": chain["Role"]}
        if trails:
            patiently(lambda: cloudtrail.update_trail(Name=trail_arn, **delivery), *UNSEEN)
            done.append(f"has trail `{name}` deliver to the log group")
        elif chain["CreateTrail"]:
            bucket = ensure_bucket(chain, cloudtrail, trail_arn, done)
            patiently(lambda: create_trail(cloudtrail, name, bucket, delivery), *UNSEEN)
            done.append(f"created trail `{name}`")
        else:
            raise CannotRemediate(f"trail `{name}` is gone: run this again")
    status = patiently(lambda: cloudtrail.get_trail_status(Name=trail_arn), "TrailNotFound")
    if not status["IsLogging"]:
        if not trail_is_ours(cloudtrail, trail_arn):
            raise CannotRemediate(f"trail `{name}` doesn't log: start its logging")
        cloudtrail.start_logging(Name=trail_arn)
        done.append("started its logging")
    return {"Done": done or ["nothing to do"]}


def ensure_log_group(chain: Chain, retention: int, is_joined: bool, done: list[str]) -> str:
    """The ARN of the chain's log group; a trail that has none isn't joined to someone else's."""
    logs: Any = boto3.client("logs", chain["Region"])
    name = chain["LogGroup"]
    group_arn = arn(chain, "logs", "log-group:" + name)
    if not find_log_group(logs, name):
        with suppress(logs.exceptions.ResourceAlreadyExistsException):  # since another run made it just now
            logs.create_log_group(logGroupName=name, tags={"CreatedBy": "root-usage-alarm"})
            done.append(f"created log group `{name}`")
    if patiently(lambda: is_ours(logs, group_arn), "ResourceNotFound"):
        if "retentionInDays" not in (find_log_group(logs, name) or {}):
            days = {"logGroupName": name, "retentionInDays": retention}
            patiently(lambda: logs.put_retention_policy(**days), "ResourceNotFound", "OperationAborted")
            done.append(f"set its retention to {retention} days")
    elif not is_joined:
        raise refuse_log_group(name)
    return group_arn


def policy(*statements: JSON, **statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements, statement]})


def create_trail(cloudtrail: Any, name: str, bucket: str, delivery: dict[str, str]) -> None:
    with suppress(cloudtrail.exceptions.TrailAlreadyExistsException):  # by another run, at the same time
        cloudtrail.create_trail(
            Name=name,
            S3BucketName=bucket,
            IsMultiRegionTrail=True,
            IncludeGlobalServiceEvents=True,
            EnableLogFileValidation=True,
            TagsList=TAGS,
            **delivery,
        )


def ensure_bucket(chain: Chain, cloudtrail: Any, trail_arn: str, done: list[str]) -> str:
    """The bucket that the new trail needs: private, encrypted, TLS only, open to its trails."""
    region = chain["Region"]
    s3: Any = boto3.client("s3", region)
    name = f"root-usage-alarm-{chain['Account']}-{region}"
    bucket = {"Bucket": name, "ExpectedBucketOwner": chain["Account"]}
    whose = whose_bucket(s3, bucket)
    if whose == "nobody's":
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        with suppress(s3.exceptions.BucketAlreadyOwnedByYou):  # since another run made it just now
            s3.create_bucket(Bucket=name, **({} if region == "us-east-1" else place))
            done.append(f"created bucket `{name}`")
    if whose != "ours":
        patiently(lambda: s3.put_bucket_tagging(**bucket, Tagging={"TagSet": TAGS}), *BUSY)
    blocks = "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"
    private = dict.fromkeys(blocks, True)
    patiently(lambda: s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration=private), *BUSY)
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    patiently(lambda: s3.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration=rules), *BUSY)
    trails = [
        each["TrailARN"] for each in cloudtrail.describe_trails()["trailList"] if each["S3BucketName"] == name
    ]
    allowed = bucket_policy(chain, name, sorted({*trails, trail_arn}))
    patiently(lambda: s3.put_bucket_policy(**bucket, Policy=allowed), *BUSY)
    return name


def whose_bucket(s3: Any, bucket: dict[str, str]) -> str:
    """`nobody's`, `ours`, or `new`: as a run leaves it that is interrupted right after making it."""
    foreign = CannotRemediate(f"bucket `{bucket['Bucket']}` is someone else's: make a trail yourself")
    try:
        s3.head_bucket(**bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise foreign from error
        return "nobody's"
    try:
        if TAGS[0] not in s3.get_bucket_tagging(**bucket)["TagSet"]:
            raise foreign
    except ClientError as error:
        untagged = error.response["Error"]["Code"] == "NoSuchTagSet"
        if not untagged or s3.list_objects_v2(**bucket, MaxKeys=1)["KeyCount"]:
            raise foreign from error
        return "new"
    return "ours"


def bucket_policy(chain: Chain, bucket: str, trails: list[str]) -> str:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"""
    bucket_arn = f"arn:{chain['Partition']}:s3:::{bucket}"
    trail = {"aws:SourceArn": trails}
    cloudtrail = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    return policy(
        {
            **cloudtrail,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn,
            "Condition": {"StringEquals": trail},
        },
        {
            **cloudtrail,
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/AWSLogs/{chain['Account']}/*",
            "Condition": {"StringEquals": {**trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
        Effect="Deny",
        Principal="*",
        Action="s3:*",
        Resource=[bucket_arn, bucket_arn + "/*"],
        Condition={"Bool": {"aws:SecureTransport": "false"}},
    )
