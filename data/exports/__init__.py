"""Files from orders: templates, what is on the screen, the clipboard."""
