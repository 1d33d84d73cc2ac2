"""Campaigns, backers, orders and their lines: how far each has come, what holds it, and how to find it."""
