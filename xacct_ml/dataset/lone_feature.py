"""A row of one feature, written so that SageMaker's container reads it when it serves.

The container strips what it is sent, splits it into rows, and takes the delimiter that ``csv.Sniffer`` finds in the
first one, a comma where that is a digit or a letter; an empty field it reads as ``nan`` (aws/sagemaker-xgboost-
container, encoder.py, csv_to_dmatrix, and serve_utils.py, parse_content_data) [C]. So a gap must not be an empty line,
which is stripped or passed over, and its prediction missing; and in a row without a comma nothing may stand that the
sniffer prefers to a digit: of ``-1e-05`` it takes the minus, of a blank behind the number the blank."""

from decimal import Decimal

from xacct_ml.dataset.fields import read

_GAP = b"nan"


def written(field: bytes) -> bytes:
    """The same number without exponent, plus sign and blanks, or ``nan``. Raises
    :class:`xacct_ml.dataset.fields.NotReadable`."""
    value = read(field)
    if value != value:
        return _GAP
    text = field.strip().lstrip(b"+")
    if b"e" not in text.lower():
        return text
    return f"{Decimal(text.decode()):f}".encode()
