"""The runner of the benchmark suite: suite -> command line -> build -> rounds -> statistics -> table and JSON."""
