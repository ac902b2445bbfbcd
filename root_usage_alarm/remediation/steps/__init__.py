"""The scripts of the documents' steps, one importable file each.

Each has `handler(events, context)`, as `aws:executeScript` wants it, and needs nothing but boto3:
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html
"""
