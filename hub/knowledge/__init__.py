"""What vendors know: articles and patches mirrored, searched, rated and offered."""
