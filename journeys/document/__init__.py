"""The document of a journey map: a pure value, and everything one can do with it.

The shape, from small to large
    words       scalar types: text, slugs, references, days, shares
    base        Shape, the ancestor of every model; Since, the format that brought a member
    lanes       Item, Opportunity, Link, Emotion
    evidence    Note, Cluster
    personas    PersonaProfile, PersonaEntry
    elements    Touchpoint, Stage, Transition
    shape       Document

In and out
    validate    parse: raw JSON in, a Document or all its breaches out (issues, rules, survey, pointers)
    minting     ids for what has none, ids in place of keys, snapshots in place of persona references
    canonical   the one spelling of a document
    bodies      taken apart for content-addressed storage, put together again, digests
    format      formats, which only grow

Changed and compared
    edit        one element at a time
    patch       RFC 7396 and RFC 6902
    diff        what changed: thing by thing, as a patch, as a change log; done again
    merge       what two sides made of one base, put together; what they disagree on, named
    comparison  two maps side by side, stage by stage
    projection  what an audience sees; references, tidied after it

Words and feelings
    emotion     scales, normalised to −1 … +1
    vocabularies, stage_vocabularies, shipped    words that come with the service
    wording     words of a workspace, and those that a version keeps
    used        words that a document uses

No Django, no clock, no I/O. Id makers are passed in.
"""
