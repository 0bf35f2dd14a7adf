"""The gateway: the only part of Patchline that faces the internet. Chat API, events, first page, health."""
