"""Does nothing: the first script of a benchmark, which waits for the import."""
