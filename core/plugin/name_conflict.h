#pragma once

#include "generalizer/error.h"

namespace generalizer {

/// Two plugins claim one name. An error in a folder's scan, too, where other plugins that can't be loaded are
/// only remembered: going on would mean choosing between the two in silence.
class GENERALIZER_EXPORT NameConflict : public PluginError {
 public:
  using PluginError::PluginError;
};

}  // namespace generalizer
