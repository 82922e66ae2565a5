"""What every emulated service stands on: the gate, the decisions, the HTTP server; knows no service by name."""
