"""Intents that the review knows by name. `patchline.nlu` has them, too; importing it would load the encoder's libraries
into the gateway, so a test compares them."""

OUT_OF_SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"  # not understood
WHAT_IF = "what_if"  # asks about a warning sign without having it
CHECK = "check"  # alarming, but too vague for a tier
