"""What the API takes and gives, as JSON. Instants are epoch milliseconds, lengths and positions milliseconds of media,
rates thousandths, sections half-open pairs: as everywhere else on the wire (`contract/README.md`)."""
