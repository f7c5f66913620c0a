"""The ways citizens reach us: one folder per channel."""
