"""The benchmark: ratios against a loop without any durability, measured in one run on this machine."""
