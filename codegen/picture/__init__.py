"""Pictures of a resolved topology. layout says what belongs where; terminal, svg and page draw it."""
