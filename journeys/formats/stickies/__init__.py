"""Sticky boards: notes with a place and a colour, as boards export them, read as a map.

notes     JSON or CSV → notes
board     notes → columns by x, rows by y: what is near belongs together
read      columns are stages and touchpoints, rows and colours are lanes; the rest is kept as unassigned
"""
