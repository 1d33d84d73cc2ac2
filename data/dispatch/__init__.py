"""Dispatch: orders are given to warehouses, checked, put into numbered batches, sent, and followed."""
