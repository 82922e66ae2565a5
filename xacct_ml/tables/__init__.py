"""Facts of AWS and of its XGBoost container, each with its source. Pure data and look-ups."""
