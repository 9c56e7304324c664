"""The server without a recorder (`nothing`), and its batches by way of ASGI, as all that is not a batch goes.

So it was until batches went past ASGI, where one costs half as much without a recorder.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bench.hosts.nothing import keep_nothing
from playhead.cli import main
from playhead.collector import protocol

if __name__ == "__main__":
    keep_nothing()
    protocol.BatchProtocol = HttpToolsProtocol  # type: ignore[assignment,misc]
    main()
