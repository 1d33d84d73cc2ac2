"""`python -m data.portals.sandbox`: a warehouse as its own process, for the demonstration and for tests."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from data.model import LastcallError
from data.portals.sandbox.dialects import NATIVE
from data.portals.sandbox.serve import serve
from data.portals.secrets import read_secret


def main() -> int:
    """Serve as the arguments say; the first line printed names the address."""
    parser = argparse.ArgumentParser(prog="python -m data.portals.sandbox")
    parser.add_argument("--state", type=Path, required=True, help="the warehouse's file")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--token", required=True, help="where the token is: env:NAME or file:PATH")
    parser.add_argument("--control", action="store_true", help="open the control room")
    parser.add_argument("--held", action="store_true", help="the warehouse's clock stands still")
    parser.add_argument("--until-input-ends", action="store_true", help="stop when standard input is closed")
    parser.add_argument("--dialect", default=NATIVE, help="the vendor it speaks like")
    parser.add_argument("--no-limits", action="store_true", help="without the vendor's rate limits")
    given = parser.parse_args()
    try:
        token = read_secret(given.token, Path.cwd())
        serve(
            given.state,
            given.port,
            token,
            given.control,
            held=given.held,
            until_input_ends=given.until_input_ends,
            dialect=given.dialect,
            limits=not given.no_limits,
        )
    except LastcallError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
