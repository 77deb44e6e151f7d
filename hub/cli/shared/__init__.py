"""What commands share: options, output, errors, logging, settings and the open hub."""
