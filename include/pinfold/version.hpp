// The version of pinfold; the generated header and the library compare theirs.
#pragma once

#define PINFOLD_VERSION_MAJOR 0
#define PINFOLD_VERSION_MINOR 1
#define PINFOLD_VERSION_PATCH 0
#define PINFOLD_VERSION (PINFOLD_VERSION_MAJOR * 10000 + PINFOLD_VERSION_MINOR * 100 + PINFOLD_VERSION_PATCH)
