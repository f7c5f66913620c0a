"""What a text asks for: the client of the assistant's parse."""
