"""Cells of a spreadsheet. Pure."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a cell that begins so would be worked out by the spreadsheet


def defused(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> defused("=1+1"), defused("+12025550142"), defused("a-b")
    ("'=1+1", "'+12025550142", 'a-b')
    """
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def fused(text: str) -> str:
    """The reverse of `defused`.

    >>> fused("'=1+1"), fused("'tis fine")
    ('=1+1', "'tis fine")
    """
    bare = text.removeprefix("'")
    return bare if bare != text and defused(bare) == text else text
