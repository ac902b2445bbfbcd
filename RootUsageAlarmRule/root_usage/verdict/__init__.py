"""What the rule concludes, and how it says so; what is wrong with a link is decided in its own room."""
