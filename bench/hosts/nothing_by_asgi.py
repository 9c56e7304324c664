"""The server without a recorder (`nothing`), and its batches by way of ASGI, as all that is not a batch goes.

What a batch costs without a recorder became half as much when it went past ASGI; this is the other half of that figure.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bench.hosts.nothing import keep_nothing
from playhead.cli import main
from playhead.collector import protocol

if __name__ == "__main__":
    keep_nothing()
    protocol.BatchProtocol = HttpToolsProtocol  # type: ignore[assignment,misc]
    main()
