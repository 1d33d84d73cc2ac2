"""The tables, by the room that owns them; `migrations.py` puts them into a database."""
