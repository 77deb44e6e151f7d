"""What comes back from vendors: streams are read, updates are merged, bonds are compared with their cases."""
