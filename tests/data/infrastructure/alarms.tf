resource "aws_cloudwatch_log_metric_filter" "root" {
  name           = "root-usage"
  pattern        = trimspace(<<-PATTERN
    { $.userIdentity.type = "Root" &&
      $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }
  PATTERN
  )
  log_group_name = aws_cloudwatch_log_group.trail.name

  metric_transformation {
    name      = "root-usage"
    namespace = "CIS"
    value     = "1"
  }
}

locals {
  root = { type = ["Root"], accountId = [data.aws_caller_identity.current.account_id] }
}

resource "aws_cloudwatch_event_rule" "root" {
  event_pattern = jsonencode({ detail = { userIdentity = local.root } })
}

resource "aws_cloudwatch_event_rule" "daily" {
  schedule_expression = "rate(1 day)"
}
