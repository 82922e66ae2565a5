"""What a model's predictions on held-out rows are worth: metrics with 95 % intervals, curves, slices, and the
difference between two models on the same rows. Pure: no AWS, and nothing but the standard library.
"""
