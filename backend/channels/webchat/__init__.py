"""The chat page's channel: a WebSocket bound to a session cookie that the server issued."""
