"""`python -m playhead`: the same as the command."""

from playhead.cli import main

main()
