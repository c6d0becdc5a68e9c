"""The document of a journey map: a pure value, and everything one can do with it.

words      the scalar types: text, slugs, references, days, shares
base       Shape, the ancestor of every model
lanes      items, opportunities, links, emotions
personas   PersonaProfile, PersonaEntry
elements   Touchpoint, Stage, Transition
shape      Document

No Django, no clock, no I/O. Instants and id makers are passed in.
"""
