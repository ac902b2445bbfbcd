"""What is asked of AWS, and what it answered, in AWS's own terms; what follows is decided elsewhere.

A file per service holds its records, its questions and how each is asked. API spelling (`EvaluationPeriods`)
stops at a record's `from_api`, and so does every member that no decision needs; members that AWS leaves out
when unset get the default that AWS documents. `asking` holds the evidence, `gathering` asks, `clients` says
with whose credentials.
"""
