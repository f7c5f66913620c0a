"""The hotline desk: transcripts read by the assistant, checked and filed by a person."""
