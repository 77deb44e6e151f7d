"""The conformance suite proved: an awkward but correct vendor, and plugins for it that are wrong in one way each."""
