"""What all commands share: options, output, errors, logging, the open hub."""
