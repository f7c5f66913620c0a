"""A look at every page: `python -m tests.web.look --backend URL --out FOLDER`.

Signs in as each sample account of a running product, files a few matters as people would, and then
opens every page at both widths: a screenshot each, and a table of weight, first paint, overflow
and what axe-core finds.
"""
