"""Deploys the rule: to one account through rdk, to an organization through a StackSet."""
