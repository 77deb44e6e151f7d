"""Commands for the first steps: setting up, configuring and checking the hub."""
