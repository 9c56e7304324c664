"""Other people's formats, as data tables and small functions. Nothing here writes anything."""
