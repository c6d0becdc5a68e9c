"""The self-contained page: real headings and lists, stage by stage, laid out as a map by CSS alone.

page       render_html, CONTENT_SECURITY_POLICY
head       whose journey, how it does, where it hurts
grid       stages and touchpoints in reading order, rows and labels
touch      one touchpoint
chip       one figure
feeling    the curve's part in one column
ways       arcs between touchpoints
strip      the whole curve, small, with a way to each stage
drawer     what else is known, on request
instant    instants and ages
assets     page.css and page.js
"""
