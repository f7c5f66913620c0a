"""Call-back tasks: somebody asked for a person, or may be in danger."""
