"""A whole small warehouse as a real HTTP server: receives, picks, packs, ships, loses parcels, and fails on demand."""
