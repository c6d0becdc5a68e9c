"""Drawing a map with its figures: pure, the same arguments give the same bytes.

mark, face     what is drawn beside the document: figures, and the page's word on itself
board          both, sorted for drawing (lanes, feeling, paths)
curve, spark   lines
palette, words colours, signs, vocabulary
element        markup, escaped by construction
html.page      render_html, and assets.CONTENT_SECURITY_POLICY beside it
svg.picture    render_svg
"""
