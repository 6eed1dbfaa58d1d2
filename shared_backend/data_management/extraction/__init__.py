"""Lines of a document into a draft of a profile. Rules, each with its name; nothing is made up."""
