"""What the map describes: every name, resource, policy and pipeline action of a project. Pure."""
