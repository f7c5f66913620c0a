"""``/public``: what is in public notice, what may be claimed, what was done, and numbers."""
