"""One folder per emulated AWS service: ``authorization``, ``moto_patches`` and the service's state."""
