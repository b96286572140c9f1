// What most tests include, compiled once a preset (cmake/Reprise.cmake).
#include <gtest/gtest.h>

#include "core.h"
