"""A refusal of the embedded AWS, free of moto: what a service answers instead of a result."""


class ApiError(Exception):
    """``code`` is the modelled error's name (``PipelineNotFoundException``), ``message`` what AWS would say."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
