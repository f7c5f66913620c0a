"""Text messages: one channel over exchangeable providers."""
