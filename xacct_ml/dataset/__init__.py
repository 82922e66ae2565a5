"""The tables that a model is trained on: what XGBoost reads in a file, and what is wrong or doubtful about it.

Pure: knows files of text, objectives and labels, no AWS. ``reading`` goes through a file once; ``shapes`` says what
kind of file it is where it is none that XGBoost reads; ``fields`` has XGBoost's rules for one value; ``labels`` and
``pair`` judge what was read by the objective, and validation by training."""
