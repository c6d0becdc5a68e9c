"""Drawing a map with its figures: pure, the same arguments give the same bytes.

html.page       render_html; html.assets.CONTENT_SECURITY_POLICY goes with it
svg.picture     render_svg
mark, face      what is drawn beside the document: figures, and the page's word on itself
board           all of it sorted for drawing, by lanes, feeling, paths, standing
curve, spark    lines
headline, notes, words, palette    what is said, and how statuses look
text, widths    type measured, for the picture
element         markup, escaped by construction

The only I/O is reading page.css and page.js, once, at import.
"""
