"""Ground every feature stands on: database, errors, privacy, clock, logs, metrics."""
