"""What is known of the root user itself: its last use, its credentials, and whether its use was heard."""
