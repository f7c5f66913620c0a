"""The hotline desk's pages."""
