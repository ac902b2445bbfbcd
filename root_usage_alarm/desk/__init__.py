"""What the commands have in common: the options that they share, and the question before they act."""
