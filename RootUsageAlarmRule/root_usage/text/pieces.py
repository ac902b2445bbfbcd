"""Texts with wildcards, taken apart at them."""

from __future__ import annotations


def matches_pieces(pieces: tuple[str, ...], text: str) -> bool:
    """Whether the text is the pieces in this order, with anything or nothing between each two."""
    if len(pieces) == 1:
        return text == pieces[0]
    first, *inner, last = pieces
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in inner:
        found = text.find(piece, position, end)
        if found == -1:
            return False
        position = found + len(piece)
    return True
