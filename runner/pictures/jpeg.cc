#include "pictures/jpeg.h"

// libjpeg's header needs size_t and FILE from these.
#include <csetjmp>
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>

#include "generalizer/error.h"

namespace generalizer {
namespace {

/// libjpeg reports by calling; the way out of its C code is a jump.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf out;
  char text[JMSG_LENGTH_MAX];
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  info->err->format_message(info, manager->text);
  std::longjmp(manager->out, 1);
}

void on_warning(j_common_ptr, int) {}
void on_message(j_common_ptr) {}

/// Decodes into `picture`, which the caller owns, so that no object of this frame is left behind by a jump.
/// False: `manager.text` says why.
bool decode(jpeg_decompress_struct& info, ErrorManager& manager, std::span<const std::uint8_t> bytes,
            Picture& picture) {
  if (setjmp(manager.out) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&info);
  picture.width = info.output_width;
  picture.height = info.output_height;
  picture.channels = info.output_components;
  const std::size_t row = static_cast<std::size_t>(picture.width * picture.channels);
  picture.pixels.resize(row * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW target = picture.pixels.data() + row * info.output_scanline;
    jpeg_read_scanlines(&info, &target, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

}  // namespace

Picture decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& path) {
  jpeg_decompress_struct info{};
  ErrorManager manager{};
  info.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = on_error;
  manager.base.emit_message = on_warning;
  manager.base.output_message = on_message;
  Picture picture;
  const bool decoded = decode(info, manager, bytes, picture);
  const long damage = manager.base.num_warnings;
  jpeg_destroy_decompress(&info);
  if (!decoded) throw DataError("The JPEG " + path + " can't be read: " + manager.text + ".");
  if (damage != 0) throw DataError("The JPEG " + path + " is damaged or cut short.");
  return picture;
}

}  // namespace generalizer
