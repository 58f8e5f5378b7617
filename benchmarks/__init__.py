"""What Sagescene's readers cost beside what people would use instead; see README.md in this folder."""
