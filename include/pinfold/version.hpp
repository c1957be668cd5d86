// The version of pinfold; the generated header and the library compare theirs.
#pragma once

// NOLINTBEGIN(modernize-macro-to-enum): for the preprocessor of programs
#define PINFOLD_VERSION_MAJOR 0
#define PINFOLD_VERSION_MINOR 1
#define PINFOLD_VERSION_PATCH 0
#define PINFOLD_VERSION (PINFOLD_VERSION_MAJOR * 10000 + PINFOLD_VERSION_MINOR * 100 + PINFOLD_VERSION_PATCH)
// NOLINTEND(modernize-macro-to-enum)
