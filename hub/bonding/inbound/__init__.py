"""What comes back from vendors: streams are read, news is merged, bonds are compared with their cases."""
