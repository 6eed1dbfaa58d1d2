"""Documents of any kind read into pages of lines, each with its place. No format knows what a CV is."""
