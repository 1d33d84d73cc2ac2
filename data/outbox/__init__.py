"""Commands for warehouses: planned, claimed, answered; every one in exactly one state. No HTTP here."""
