"""Charts as SVG text: from numbers to Markup, and nothing else (pure).

A chart says what it shows by classes, so that css/reports.css decides about colours, and carries its
tips as `<title>`, so that they are there without JavaScript.
"""
