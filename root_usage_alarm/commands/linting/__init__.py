"""Patterns for root usage in infrastructure code: found, judged and reported.

`cloudformation` and `terraform` find what metric filters and event rules are made of; `judging` decides which
of them are meant for root, and what they cover; `output` prints it. Each pattern is judged by itself. Nothing
here asks AWS, or runs what it reads.
"""
