"""Brazilian lending arithmetic, written from the project's rules alone.

Money is a whole number of cents. Rates are exact fractions. Nothing here
reads a clock or a network. Each function names the section of `lending.md`
that it follows.
"""
