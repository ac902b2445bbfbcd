"""Draws results as one HTML file, for people who would rather look than read.

The file needs no network, and its Content-Security-Policy lets nothing run but its own script, by hash.
What the commands found is decided elsewhere; names and annotations are foreign text here, and stay text.
"""
