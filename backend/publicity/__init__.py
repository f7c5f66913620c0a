"""What anybody may read, offers to claim, and the programme in numbers."""
