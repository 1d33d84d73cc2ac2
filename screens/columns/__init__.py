"""How a field becomes a cell: pure functions, tested without an app."""
