"""What does not hold, as SARIF 2.1.0: the form in which code scanning takes findings."""
