"""Pages of the policy list and of policies in a case."""
