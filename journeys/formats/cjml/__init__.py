"""CJML 2.0, the Customer Journey Modelling Language, as XML.

There is no public schema. Names and structure follow the sample of cjml.no and public converters: a
journey has actors, phases and touchpoints; a touchpoint is a communication between two actors over a
channel, or an action of one. The reader is lenient; what it does not know it tells of by line.
"""
