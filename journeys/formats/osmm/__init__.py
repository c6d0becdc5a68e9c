"""Open Semantic Marketing Model: a document as its Journey object (JSON Schema, object_type "journey")."""
