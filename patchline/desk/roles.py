"""What members of staff may be."""

ROLES = ("nurse", "editor", "admin")  # each may what stands before it may, too
