"""Addresses: checked, compared, decided, locked. Rules are facts, re-expressed from the sources their modules name."""
