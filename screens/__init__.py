"""What the operator sees: one module and one stylesheet per view."""
