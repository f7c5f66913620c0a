"""Accounts of staff, their tokens, and what they may see."""
