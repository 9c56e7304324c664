"""What leaves in open formats: files for people (CSV, XLSX, Parquet), and rows for other stores (sinks)."""
