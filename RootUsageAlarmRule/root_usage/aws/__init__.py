"""What AWS answered, as frozen records in AWS's own terms.

API spelling (`EvaluationPeriods`) stops at each record's `from_api`, and so does every member that
no decision needs. Members that AWS leaves out when unset get the default that AWS documents.
"""
