"""One module a command: add() puts it into the parser, and the function it names there runs it."""
