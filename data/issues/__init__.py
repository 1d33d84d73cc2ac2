"""What went wrong with an order and a person must settle: raised by rules or by hand, worked, resolved."""
