"""Configurations of other systems become topologies: configuration -> agave or loom -> draft -> text."""
