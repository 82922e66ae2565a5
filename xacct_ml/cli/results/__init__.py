"""What the ``result`` of each command's JSON document has: the types from which docs/results.md and its JSON Schema are
written (``python -m tools.make_results``), and by which every document that a test's command makes is checked.

Nothing here is run by a command: the views make plain dictionaries."""
