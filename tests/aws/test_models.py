"""Everything that AWS may answer to what the rule asks, by botocore's models: each thing is classed here.

A member, a kind of a union or a value of an enum that is new in a release of boto3 has no class, and
fails these tests: somebody has to say whether a verdict reads it, why it may be passed over, or where it
leaves the verdict undecided.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from root_usage.aws import (
    cloudtrail,
    cloudwatch,
    event_history,
    events,
    functions,
    iam,
    kms,
    logs,
    observability,
    roles,
    sns,
)

OPERATIONS: dict[str, tuple[tuple[ModuleType, ...], tuple[str, ...]]] = {
    "cloudtrail": (
        (cloudtrail, event_history),
        (
            "DescribeTrails",
            "GetTrailStatus",
            "GetEventSelectors",
            "LookupEvents",
            "ListChannels",
            "GetChannel",
        ),
    ),
    "logs": (
        (logs,),
        ("DescribeLogGroups", "DescribeMetricFilters", "GetTransformer", "DescribeAccountPolicies"),
    ),
    "cloudwatch": (
        (cloudwatch,),
        ("DescribeAlarmsForMetric", "DescribeAlarms", "ListAlarmMuteRules", "DescribeAlarmHistory"),
    ),
    "sns": (
        (sns,),
        ("GetTopicAttributes", "ListSubscriptionsByTopic", "GetSubscriptionAttributes"),
    ),
    "kms": ((kms,), ("DescribeKey", "GetKeyPolicy")),
    "lambda": ((functions,), ("GetPolicy",)),
    "events": ((events,), ("ListRules", "ListTargetsByRule", "DescribeEventBus")),
    "ec2": ((events,), ("DescribeRegions",)),
    "observabilityadmin": ((observability,), ("ListTelemetryPipelines",)),
    "iam": (
        (iam, roles),
        (
            "GetCredentialReport",
            "GenerateCredentialReport",
            "GetAccountSummary",
            "GetRole",
            "SimulatePrincipalPolicy",
        ),
    ),
    "organizations": ((roles,), ("DescribeOrganization",)),
}

# What a verdict reads, by shape; each name stands in the service's file of readers.
READ = {
    "DescribeTrailsResponse": "trailList",
    "Trail": (
        "Name IncludeGlobalServiceEvents IsMultiRegionTrail HomeRegion TrailARN "
        "CloudWatchLogsLogGroupArn CloudWatchLogsRoleArn HasCustomEventSelectors IsOrganizationTrail"
    ),
    "GetTrailStatusResponse": (
        "IsLogging LatestDeliveryError StartLoggingTime LatestCloudWatchLogsDeliveryError "
        "LatestCloudWatchLogsDeliveryTime"
    ),
    "GetEventSelectorsResponse": "EventSelectors AdvancedEventSelectors",
    "EventSelector": "ReadWriteType IncludeManagementEvents ExcludeManagementEventSources",
    "AdvancedEventSelector": "FieldSelectors",
    "LookupEventsResponse": "Events NextToken",
    "Event": "EventId EventName EventTime EventSource CloudTrailEvent",
    "ListChannelsResponse": "Channels NextToken",
    "Channel": "ChannelArn Name",
    "GetChannelResponse": "Name SourceConfig",
    "SourceConfig": "ApplyToAllRegions AdvancedEventSelectors",
    "DescribeLogGroupsResponse": "logGroups",
    "LogGroup": "logGroupName logGroupClass",
    "DescribeMetricFiltersResponse": "metricFilters",
    "MetricFilter": (
        "filterName filterPattern metricTransformations logGroupName applyOnTransformedLogs "
        "fieldSelectionCriteria emitSystemFieldDimensions"
    ),
    "MetricTransformation": "metricName metricNamespace metricValue defaultValue dimensions unit",
    "GetTransformerResponse": "transformerConfig",
    "DescribeAccountPoliciesResponse": "accountPolicies nextToken",
    "DescribeAlarmsForMetricOutput": "MetricAlarms",
    "MetricAlarm": (
        "AlarmName AlarmArn AlarmDescription AlarmConfigurationUpdatedTimestamp ActionsEnabled "
        "OKActions AlarmActions InsufficientDataActions StateValue StateReason StateUpdatedTimestamp "
        "MetricName Namespace Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods "
        "DatapointsToAlarm Threshold ComparisonOperator TreatMissingData "
        "EvaluateLowSampleCountPercentile Metrics ThresholdMetricId EvaluationState "
        "StateTransitionedTimestamp EvaluationWindow WarmUpConfiguration EvaluationCriteria "
        "ActionConfiguration"
    ),
    "Dimension": "Name Value",
    "MetricDataQuery": "Id MetricStat Expression ReturnData Period AccountId",
    "MetricStat": "Metric Period Stat Unit",
    "Metric": "Namespace MetricName Dimensions",
    "EvaluationWindow": "WallClockWindow SlidingWindow",
    "WallClockWindow": "Timezone",
    "WarmUpConfiguration": "WarmUpPeriodDurationInMinutes",
    "EvaluationCriteria": "PromQLCriteria",
    "AlarmPromQLCriteria": "Query",
    "DescribeAlarmsOutput": "CompositeAlarms MetricAlarms LogAlarms",
    "CompositeAlarm": (
        "ActionsEnabled AlarmActions AlarmArn AlarmConfigurationUpdatedTimestamp AlarmDescription "
        "AlarmName AlarmRule InsufficientDataActions OKActions StateReason StateUpdatedTimestamp "
        "StateValue StateTransitionedTimestamp ActionsSuppressedBy ActionsSuppressor "
        "ActionsSuppressorWaitPeriod ActionConfiguration"
    ),
    "ActionConfiguration": "AlarmTagsPropagation",
    "AlarmTagsPropagation": "Enabled",
    "LogAlarm": "AlarmName AlarmArn ActionsEnabled AlarmActions ScheduledQueryConfiguration",
    "ScheduledQueryConfiguration": "LogGroupIdentifiers",
    "ListAlarmMuteRulesOutput": "AlarmMuteRuleSummaries",
    "AlarmMuteRuleSummary": "AlarmMuteRuleArn ExpireDate Status MuteType",
    "DescribeAlarmHistoryOutput": "AlarmHistoryItems",
    "AlarmHistoryItem": "Timestamp HistorySummary HistoryData",
    "GetTopicAttributesResponse": "Attributes",
    "ListSubscriptionsByTopicResponse": "Subscriptions",
    "Subscription": "SubscriptionArn Owner Protocol Endpoint",
    "GetSubscriptionAttributesResponse": "Attributes",
    "DescribeKeyResponse": "KeyMetadata",
    "KeyMetadata": "Arn KeyUsage KeyState KeyManager CustomerMasterKeySpec KeySpec",
    "GetKeyPolicyResponse": "Policy",
    "GetPolicyResponse": "Policy",
    "ListRulesResponse": "Rules",
    "Rule": "Name Arn EventPattern State ManagedBy ScheduleExpression",
    "ListTargetsByRuleResponse": "Targets",
    "Target": "Arn RoleArn Input InputPath InputTransformer RetryPolicy",
    "InputTransformer": "InputPathsMap",
    "RetryPolicy": "MaximumRetryAttempts MaximumEventAgeInSeconds",
    "DescribeEventBusResponse": "Policy KmsKeyIdentifier",
    "DescribeRegionsResult": "Regions",
    "Region": "RegionName",
    "ListTelemetryPipelinesOutput": "PipelineSummaries",
    "TelemetryPipelineSummary": "Name Status ConfigurationSummary",
    "ConfigurationSummary": "Sources DataSources Processors",
    "Source": "Type",
    "DataSource": "Name Type",
    "GetCredentialReportResponse": "Content GeneratedTime",
    "GenerateCredentialReportResponse": "State",
    "GetAccountSummaryResponse": "SummaryMap",
    "GetRoleResponse": "Role",
    "Role": "Arn AssumeRolePolicyDocument",
    "SimulatePolicyResponse": "EvaluationResults",
    "EvaluationResult": (
        "EvalDecision EvalDecisionDetails MissingContextValues ResourceSpecificResults "
        "OrganizationsDecisionDetail PermissionsBoundaryDecisionDetail"
    ),
    "ResourceSpecificResult": (
        "EvalResourceDecision EvalDecisionDetails MissingContextValues PermissionsBoundaryDecisionDetail"
    ),
    "OrganizationsDecisionDetail": "AllowedByOrganizations",
    "PermissionsBoundaryDecisionDetail": "AllowedByPermissionsBoundary",
    "DescribeOrganizationResponse": "Organization",
    "Organization": "Id",
}

# What no verdict depends on, and why.
HARMLESS = {
    (
        "S3BucketName S3KeyPrefix SnsTopicName SnsTopicARN LogFileValidationEnabled KmsKeyId "
        "LatestNotificationError LatestDeliveryTime LatestNotificationTime LatestDigestDeliveryTime "
        "LatestDigestDeliveryError LatestDeliveryAttemptTime LatestNotificationAttemptTime "
        "LatestNotificationAttemptSucceeded LatestDeliveryAttemptSucceeded"
    ): "the trail's bucket and topic: the chain goes by the log group",
    "HasInsightSelectors DataResources RecursiveLogging": "more than management events",
    "StopLoggingTime TimeLoggingStarted TimeLoggingStopped": "IsLogging says it",
    "Field Equals StartsWith EndsWith NotEquals NotStartsWith NotEndsWith": "read by whatever name AWS gives",
    "TrailARN": "echoed",
    "ReadOnly AccessKeyId Username Resources": "in the event's own JSON too",
    "creationTime lastModifiedTime lastUpdatedTime LastUpdatedTimestamp CreationDate": "when it was made",
    (
        "retentionInDays retentionPolicyName metricFilterCount storedBytes deletionProtectionEnabled "
        "bearerTokenAuthenticationEnabled arn logGroupArn logGroupIdentifier"
    ): "metric filters see events as they come",
    "kmsKeyId": "CloudTrail's delivery error says when a key is in the way",
    "dataProtectionStatus inheritedProperties": "AWS masks nothing that patterns read",
    "policyName policyDocument policyType scope selectionCriteria accountId": "any such policy is enough",
    "Label AlarmName StateReasonData ActionsSuppressedReason Name Description": "for people",
    "AlarmContributorId AlarmContributorAttributes AlarmType HistoryItemType": "asked for by kind",
    "EvaluationInterval PendingPeriod RecoveryPeriod": "of PromQL alarms, which are undecided",
    "IncludedTagKeys ExcludedTagKeys": "where tags are sent, any of them may be",
    "OnlyStartEvaluatingAfterWarmUpPeriodEnds": "warming up, an alarm counts as silent in any case",
    "ActionsSuppressorExtensionPeriod": "holds back only while the suppressor did, which is judged",
    (
        "StateValue StateReason StateUpdatedTimestamp StateTransitionedTimestamp AlarmDescription "
        "OKActions AlarmConfigurationUpdatedTimestamp InsufficientDataActions QueryResultsToEvaluate "
        "QueryResultsToAlarm Threshold ComparisonOperator TreatMissingData EvaluationState "
        "ActionLogLineCount ActionLogLineRoleArn WarmUpConfiguration QueryString QueryARN "
        "ScheduledQueryRoleARN ScheduleConfiguration AggregationExpression Tags ActionConfiguration"
    ): "of log alarms, which are never taken for proof",
    "nextToken NextToken IsTruncated Marker": "botocore's paginator reads it",
    "LogConfig Description CreationTime LastModifiedTime": "of an event bus: what it logs, and since when",
    "ManagedBy": "of an event bus: whoever made it, its rules are what counts",
    "EvalActionName EvalResourceName MatchedStatements": "one action and one resource are asked for",
    "Path RoleName RoleId CreateDate SourceRoleTemplate": "of a role: its ARN names it",
    "MaxSessionDuration PermissionsBoundary RoleLastUsed": "of a role: IAM's simulator weighs the boundary",
    (
        "FeatureSet MasterAccountArn MasterAccountId MasterAccountEmail AvailablePolicyTypes"
    ): "of an organization: policies let it in by its id",
    "ProcessorCount Sinks": "a pipeline over CloudTrail's events is no proof, whatever it does",
    "Source Destinations IngestionStatus": "a channel is no proof, whatever it delivers to",
    "Arn Tags CreatedTimeStamp LastUpdateTimeStamp": "which pipeline, and since when",
    "ChannelArn": "echoed",
    "TopicArn": "echoed",
    "ScheduleExpression EventBusName RoleArn Id": "of rules: only patterns on the default bus are judged",
    "InputTemplate DeadLetterConfig": "what is sent, or kept, whoever is told",
    (
        "KinesisParameters RunCommandParameters EcsParameters BatchParameters SqsParameters HttpParameters "
        "RedshiftDataParameters SageMakerPipelineParameters AppSyncParameters"
    ): "of targets that tell nobody by themselves",
    "OptInStatus Geography Endpoint": "regions that aren't enabled aren't asked for",
    (
        "AWSAccountId KeyId Enabled DeletionDate ValidTo Origin CustomKeyStoreId CloudHsmClusterId "
        "ExpirationModel EncryptionAlgorithms SigningAlgorithms KeyAgreementAlgorithms "
        "EncapsulationAlgorithms MultiRegion MultiRegionConfiguration PendingDeletionWindowInDays "
        "MacAlgorithms XksKeyConfiguration CurrentKeyMaterialId"
    ): "KeyState, KeyUsage and KeySpec say whether it encrypts now",
    "PolicyName RevisionId ReportFormat": "which of its kind",
}
HARMLESS_NAMES = {name for names in HARMLESS for name in names.split()}

# Values that a verdict tells apart; any other leaves it undecided, or is named in a finding.
VALUES = {
    "ReadWriteType": "ReadOnly WriteOnly All",
    "LogGroupClass": "STANDARD INFREQUENT_ACCESS DELIVERY ESSENTIALS",
    "StateValue": "OK ALARM INSUFFICIENT_DATA",
    "Statistic": "SampleCount Average Sum Minimum Maximum",
    "ComparisonOperator": (
        "GreaterThanOrEqualToThreshold GreaterThanThreshold LessThanThreshold "
        "LessThanOrEqualToThreshold LessThanLowerOrGreaterThanUpperThreshold LessThanLowerThreshold "
        "GreaterThanUpperThreshold"
    ),
    "EvaluationState": "PARTIAL_DATA EVALUATION_FAILURE EVALUATION_ERROR",
    "ActionsSuppressedBy": "WaitPeriod ExtensionPeriod Alarm",
    "AlarmMuteRuleStatus": "SCHEDULED ACTIVE EXPIRED",
    "TelemetryPipelineStatus": "CREATING ACTIVE UPDATING DELETING CREATE_FAILED UPDATE_FAILED",
    "KeyUsageType": "SIGN_VERIFY ENCRYPT_DECRYPT GENERATE_VERIFY_MAC KEY_AGREEMENT ENCAPSULATE_DECAPSULATE",
    "KeyState": (
        "Creating Enabled Disabled PendingDeletion PendingImport PendingReplicaDeletion Unavailable Updating"
    ),
    "KeyManagerType": "AWS CUSTOMER",
    "RuleState": "ENABLED DISABLED ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    "PolicyEvaluationDecisionType": "allowed explicitDeny implicitDeny",
    "ReportStateType": "STARTED INPROGRESS COMPLETE",
}
# Units are compared with each other, key specs with the one that encrypts symmetrically.
COMPARED = {"StandardUnit", "KeySpec", "CustomerMasterKeySpec"}


def shapes(service: str) -> Iterator[Any]:
    """Every shape that the service's answers are made of, but those below a member that is passed over."""
    model = botocore.session.get_session().get_service_model(service)
    waiting: list[Any] = [model.operation_model(each).output_shape for each in OPERATIONS[service][1]]
    seen: set[str] = set()
    while waiting:
        shape = waiting.pop()
        if shape.type_name == "list":
            waiting.append(shape.member)
        elif shape.name not in seen:
            seen.add(shape.name)
            yield shape
            if shape.type_name == "structure":
                read = READ.get(shape.name, "").split()
                waiting += [each for name, each in shape.members.items() if name in read]


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_member_is_classed(service: str) -> None:
    unclassed = [
        f"{shape.name}.{name}"
        for shape in shapes(service)
        if shape.type_name == "structure" and shape.name not in {"Transformer", "Processor"}
        for name in shape.members
        if name not in READ.get(shape.name, "").split() and name not in HARMLESS_NAMES
    ]

    assert unclassed == []


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_value_of_what_is_read_is_classed(service: str) -> None:
    found = {
        shape.name: sorted(shape.enum)
        for shape in shapes(service)
        if getattr(shape, "enum", None) and shape.name not in COMPARED
    }

    assert found == {name: sorted(VALUES.get(name, "").split()) for name in found}


@pytest.mark.parametrize("service", OPERATIONS)
def test_what_is_classed_as_read_stands_in_the_readers(service: str) -> None:
    sources = "".join(inspect.getsource(module) for module in OPERATIONS[service][0])

    unread = [
        f"{shape.name}.{name}"
        for shape in shapes(service)
        for name in READ.get(shape.name, "").split()
        if f'"{name}"' not in sources
    ]

    assert unread == []
