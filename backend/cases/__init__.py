"""Cases: filed, carried through the programme's steps, looked up, told about."""
