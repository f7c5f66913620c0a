"""The programme's legal clocks."""
