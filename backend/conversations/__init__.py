"""Durable conversations: inbound stored once, turns in order, outbound kept until delivered."""
