"""The arithmetic of docs/scale.md, and the text into which its results go."""
