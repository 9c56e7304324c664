"""`python -m bench.load.pages PORT CONNECTIONS SECONDS`: people loading the site's pages, to keep its threads busy."""

import sys

from bench.load.clients import Repeating, get
from bench.load.generator import Load

if __name__ == "__main__":
    port, connections, seconds = (int(argument) for argument in sys.argv[1:])
    with Load(port, [Repeating(get("/login/"), status=200)] * connections, connections=connections) as load:
        print(f"{load.run(seconds).rate:.0f} pages/s")
