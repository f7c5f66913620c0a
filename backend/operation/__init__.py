"""What operators look at: health, readiness, metrics, the API's description."""
