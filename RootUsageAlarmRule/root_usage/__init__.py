"""Decides whether a person would be told if the root user did something in an AWS account now."""
