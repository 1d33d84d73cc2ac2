"""How things are drawn: reusable, and knowing nothing of orders."""
