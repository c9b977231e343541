"""Pathway networks: what they are made of, how their files are read and checked."""
