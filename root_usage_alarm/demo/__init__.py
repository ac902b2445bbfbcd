"""Accounts on the embedded local AWS, judged by the rule as it is deployed."""
