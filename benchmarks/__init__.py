"""What DESIGN promises of speed, measured side by side; not part of the tests."""
