"""The checksums that the standard library has not: the catalogue of CRC algorithms has these values."""

from xacct_ml.emulator.services.s3 import crc


def test_crc32c() -> None:
    assert crc.crc32c(b"123456789").hex() == "e3069283"


def test_crc64nvme() -> None:
    assert crc.crc64nvme(b"123456789").hex() == "ae8b14860a799888"
