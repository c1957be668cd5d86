"""The command line as people look it up: manual page, reference page and completion, all of the parser."""
