"""Bodies in and out. What holds parts of a document is a pydantic shape, as the document is; the rest are
serializers of REST framework."""
