"""The entry point of `lastcall`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; a bare `lastcall` opens the console."""
    from console.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
