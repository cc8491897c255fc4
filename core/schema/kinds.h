#pragma once

#include <map>

#include "generalizer/registry.h"
#include "schema/value_schema.h"

namespace generalizer {

/// A type that a table's `type` can choose.
struct SchemaType {
  std::string name;
  std::string summary;
  std::vector<ParameterSpec> keys;  ///< all of the table's, `type` among them
  std::size_t minimum_inputs = 0;   ///< of a layer …
  std::size_t maximum_inputs = 0;   ///< … 0: no limit
};

/// All that can stand in one place: the losses of a classifier, the schedules of an optimizer.
struct SchemaKind {
  std::string name;  ///< begins its definitions' names: "optimizer", "optimizer_adam"
  std::vector<SchemaType> types;
  /// A table of it stands alone: in an overlay it may lack its type and what that requires. Tables in a list are replaced whole, and are whole.
  bool merges = true;
  std::map<std::string, Json> places =
      {};  ///< keys of its tables that choose a type of another kind: "schedule", "augment"
};

SchemaKind layer_kind(const Registry& registry);
/// The losses that compare with labels, for a classifier, or with values, for a decoder.
SchemaKind loss_kind(const Registry& registry, LossTarget target);
SchemaKind optimizer_kind(const Registry& registry);
SchemaKind data_kind(const Registry& registry);
SchemaKind backend_kind(const Registry& registry);
SchemaKind schedule_kind();
SchemaKind augmentation_kind();

std::vector<std::string> names_of(const SchemaKind& kind);

/// The value of a key that chooses a type of this kind: its name, a table or, where the key takes one, a list of tables.
Json choice_of(const ParameterSpec& key, const SchemaKind& kind);

/// Adds to `definitions` the kind's table, under its name, and each of its types, under "KIND_TYPE". A table's type is checked against the names only where
/// `closed`: a layer's may be a block. Which type's keys a table may have hangs on its `type` by if and then, which tells a mistake exactly; the same types
/// stand in an `anyOf` whose first branch takes anything, where editors look for what to offer.
void define_kind(Json& definitions, const SchemaKind& kind, bool closed);

/// What a table of this kind must have where no file below completes it: its type, and that type's required keys. Other values than tables pass.
Json completeness_of(const SchemaKind& kind);

/// {"$ref": "#/definitions/NAME"}
Json reference(const std::string& definition);

}  // namespace generalizer
