"""Following a stack, deployed or local: what became of its data sets, what it waits for, and what it lacks."""
