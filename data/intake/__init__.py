"""Orders from files: recognise, read, show what would change, commit."""
