"""What became of what was sent: the warehouses' reports, normalised beside their own words, and reconciled."""
