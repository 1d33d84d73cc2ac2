"""Warehouse systems behind one protocol: one module for each, an HTTP client, the file drop and a sandbox server."""
