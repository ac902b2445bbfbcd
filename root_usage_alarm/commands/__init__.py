"""The commands at a desk that read: on one account, on an organization, on a pattern."""
