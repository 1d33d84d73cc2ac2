"""Products and what platforms call them; warehouses and the ledger of movements."""
