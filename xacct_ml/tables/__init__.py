"""Facts of AWS and of its XGBoost container, each with its source. Pure data and look-ups.

The tags of the sources, [B], [C], [D] and [U], are explained in docs/evidence.md."""
