"""``python -m callcenter.preview``: the page and the API over a made-up day, without telephony.

Log in as admin, supervisor, agent, quality or ops; the password is printed. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import sys

from aiohttp import web

from callcenter.preview.app import PASSWORD, USERS, preview_app


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=21150)
    parser.add_argument("--pace", type=float, default=1.0, help="2: people are twice as quick")
    asked = parser.parse_args()
    sys.stderr.write(f"http://127.0.0.1:{asked.port}/  log in as {', '.join(USERS)}; password {PASSWORD}\n")
    web.run_app(preview_app(asked.pace), host="127.0.0.1", port=asked.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
