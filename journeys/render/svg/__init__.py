"""The picture: one SVG file that needs nothing else, with room for paper and for other pages.

picture   render_svg
plan      which columns stand in which band, and how high its rows are
head      title, counts, where it hurts
band      one band: stage heads, rows, columns
cells     what stands in a cell, as blocks
chip      a figure
feeling   the curves over a band
ways      arcs between columns of a band
stack     a block of lines under each other, measured as it is written
sign      the statuses' glyphs, drawn
style     colours and type
"""
