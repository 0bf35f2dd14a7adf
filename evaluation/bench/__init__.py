"""The service benchmark: Patchline's public contract beside Rasa's default project, in one run on one machine."""
