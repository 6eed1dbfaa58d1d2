"""What becomes data: documents into drafts of profiles, releases into knowledge."""
