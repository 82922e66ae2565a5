"""The demo's data set and map, and what makes them."""
