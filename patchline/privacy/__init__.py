"""The commands about what is kept: purge, backup, restore. Knows every room but the command line."""
