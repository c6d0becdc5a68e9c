"""Foreign formats, in and out. Pure: bytes and a document, nothing else (see `base`)."""
