"""Any JSON portal, described in a TOML file in place of code; the files beside these modules ship with lastcall."""
