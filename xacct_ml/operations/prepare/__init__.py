"""``prepare``: tables with names, texts, dates and gaps become the files that a model is trained on, and their schema.

DuckDB does the work, in bounded memory and on disk beside the result; ``dataset`` decides what a column is."""
