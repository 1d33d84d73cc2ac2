"""The way in: command line, app shell, settings. The only package that knows all the others."""

__version__ = "0.1.0"
