"""Tools for the workstation: nothing here goes into the Lambda."""
