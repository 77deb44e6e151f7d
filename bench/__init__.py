"""The benchmark: ratios against a loop without durability, measured in one run on the same machine."""
