"""A run of the pipeline: started, watched, judged by a person, seen at its endpoint."""
