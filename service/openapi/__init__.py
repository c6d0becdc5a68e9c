"""The contract: declared beside each view, finished in one place, committed as docs/openapi.json.

operations   `operation(…)`, the decorator that every method of a view carries
schema       how serializers and pydantic shapes become components
document     the finishing of the whole: shared refusals, headers, closed and complete objects
patches      what a merge patch of an object may say
links        from what was created to what can be done with it
plain        operations of views that are not REST framework's
"""

from service.openapi.document import finish
from service.openapi.operations import IF_MATCH, operation, page_component
from service.openapi.plain import plain_operation
from service.openapi.schema import Schema

__all__ = ["IF_MATCH", "Schema", "finish", "operation", "page_component", "plain_operation"]
