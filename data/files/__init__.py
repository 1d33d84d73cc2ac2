"""Tables in files, both ways: decode, delimiter, read, columns, safe write."""
