"""Telephone numbers: who proved to hold one, and who wants no messages on it."""
