"""Texts of all languages that this rule reads: tokens, and what is wrong at which place."""
