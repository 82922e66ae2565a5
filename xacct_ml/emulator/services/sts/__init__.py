"""STS: sessions."""
