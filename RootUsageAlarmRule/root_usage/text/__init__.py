"""Texts of all languages that this rule reads: tokens, wildcards, and what is wrong at which place."""
