"""The generator: one topology file becomes constexpr pool tables, a report and diagnostics."""
