"""The deployment host as hwloc describes it: read, looked up, and chosen from."""
