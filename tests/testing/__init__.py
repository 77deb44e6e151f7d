"""Tests of the conformance suite: an awkward but correct vendor, and plugins for it with one bug each."""
