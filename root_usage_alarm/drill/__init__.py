"""The fire drill: what happens when the chain that the rule found is used, link by link, up to a person.

It proves by practice what the rule proves by analysis, on one day; nothing of it makes an account COMPLIANT.
It acts with its caller's own credentials and is never part of the Lambda.
"""
