"""A process of its own for documents from outside: little memory, little time, no network, nothing inherited."""
