"""Asks the web server for the home page as the proxy would; exit 0 when it answers with it.

The page reads the database, so that a web server without one counts as unhealthy.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


def main() -> int:
    """0 for a page, 1 for anything else."""
    public = urlsplit(os.environ["CONCORDANCE_URL"])
    headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
    try:
        connection.request("GET", "/", headers=headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    print(status)
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
