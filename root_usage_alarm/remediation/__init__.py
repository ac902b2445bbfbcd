"""The remediation: SSM Automation documents, the scripts in them, and what runs the same code from here."""
