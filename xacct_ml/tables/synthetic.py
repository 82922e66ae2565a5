"""What tells the project's own requests to an endpoint from those of clients, where requests are captured."""

SYNTHETIC_ID = "xacct-ml-"
"""Begins their inference ids, which SageMaker captures with the request (SageMaker Runtime API reference,
InvokeEndpoint) [B]: they are nobody's questions."""
