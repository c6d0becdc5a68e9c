"""Grids as people have them: stages along the first row, touchpoints below, a lane in each further row.

In
    plain       CSV bytes → a Sheet
    workbook    XLSX bytes → Sheets, bounded before anything is unfolded
    sheet       cells, what is merged, how a cell is called
    options     what a client may say about the sheets
    layout      which row, column and cell is what
    read        a Sheet → a map

Out
    rows        a document → rows of cells, with what they leave unsaid
    write       rows → CSV and XLSX

Both use `cells`, the way in which several items share one cell, and `formats.feelings`.
"""
