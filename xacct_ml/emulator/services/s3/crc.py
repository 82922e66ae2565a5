"""The CRC-32C and the CRC-64/NVME, which the standard library has not.

Parameters: catalogue of parametrised CRC algorithms, "CRC-32/ISCSI" and "CRC-64/NVME" [C]."""

from collections.abc import Callable

LONGEST = 1 << 20
"""Bytes of a content whose checksum is worth the time here."""


def _crc(polynomial: int, size: int) -> Callable[[bytes], bytes]:
    """Of the reflected ``polynomial``; ``size`` is the digest's in bytes."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (polynomial if byte & 1 else 0)
        table.append(byte)
    ones = (1 << 8 * size) - 1

    def digest(content: bytes) -> bytes:
        value = ones
        for byte in content:
            value = table[(value ^ byte) & 0xFF] ^ value >> 8
        return (value ^ ones).to_bytes(size, "big")

    return digest


crc32c = _crc(0x82F63B78, 4)
crc64nvme = _crc(0x9A6C9329AC4BC9B5, 8)
