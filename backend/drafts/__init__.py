"""What a citizen has told and not filed yet, kept so that it may go on from another channel."""
