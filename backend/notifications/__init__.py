"""Telling everybody who follows a case of its decisive steps, once, on a channel that reaches them."""
