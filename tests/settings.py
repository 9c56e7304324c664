"""The product's settings over a data folder of the tests' own: no test may touch a developer's data or environment."""

import atexit
import os
import shutil
import tempfile

for _name in list(os.environ):
    if _name.startswith("PLAYHEAD_") and not _name.startswith(("PLAYHEAD_TEST_", "PLAYHEAD_SHARED")):
        del os.environ[_name]
os.environ["PLAYHEAD_DATA"] = tempfile.mkdtemp(prefix="playhead-tests-")
atexit.register(shutil.rmtree, os.environ["PLAYHEAD_DATA"], ignore_errors=True)

from playhead.settings import *  # noqa: E402, F403 - the environment comes first
