#pragma once

/// Gives the public types default visibility in plugins, too, which are built with everything hidden: exceptions and virtual classes are then
/// one and the same type on both sides of a plugin's boundary.
#define GENERALIZER_EXPORT __attribute__((visibility("default")))
