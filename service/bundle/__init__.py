"""A workspace as one file: newline-delimited JSON, one row a line, streamed out of one snapshot and back in.

`lines` is the format (pure), `tables` makes sections of models, `export` streams them, `intake` takes
them in. A room names its sections as data; whoever stands above adds its own and passes them all.
"""
