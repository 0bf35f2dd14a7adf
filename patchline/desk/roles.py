"""What members of staff may be."""

ROLES = ("nurse", "editor", "clinician", "admin")  # each may what stands before it may, too
