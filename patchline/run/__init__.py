"""Running: every process of an installation under one supervisor, started and stopped by one command."""
