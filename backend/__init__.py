"""Guanjia's backend: the only process that faces the network."""
