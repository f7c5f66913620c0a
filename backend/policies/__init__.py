"""Existing policies: what may solve a request directly, and what became of trying."""
