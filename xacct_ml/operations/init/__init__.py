"""A first account map: what the AWS configuration tells, the questions that it leaves, and the map's text."""
