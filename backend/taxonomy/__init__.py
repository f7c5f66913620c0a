"""The programme's categories, groups and types."""
