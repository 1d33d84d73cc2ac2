"""The command line, one module per noun; `console/cli.py` names them and loads only the one that is called."""
