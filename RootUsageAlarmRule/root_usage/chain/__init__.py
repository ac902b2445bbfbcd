"""The walk from trail to alarm, link by link; what rings and who hears is for `alarm` and `delivery`."""
