#include "support/jpeg.h"

// libjpeg's header needs size_t and FILE from these.
#include <csetjmp>
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>
// Behind it, as it needs its configuration.
#include <jerror.h>

#include "generalizer/error.h"
#include "support/picture_size.h"

namespace generalizer {
namespace {

/// libjpeg reports by calling; the way out of its C code is a jump.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf out;
  char text[JMSG_LENGTH_MAX];
  bool damaged;  ///< decoded, with pixels that are not the picture's; `text` says why
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  info->err->format_message(info, manager->text);
  std::longjmp(manager->out, 1);
}

/// libjpeg fills what is missing with grey and goes on. Stray bytes between markers, which cameras leave, change no pixel.
void on_warning(j_common_ptr info, int level) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  const int code = info->err->msg_code;
  const bool harmless =
      code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_BOGUS_PROGRESSION;
  if (level >= 0 || harmless || manager->damaged) return;
  manager->damaged = true;
  info->err->format_message(info, manager->text);
}
void on_message(j_common_ptr) {}

/// Decodes into `picture`, which the caller owns, so that no object of this frame is left behind by a jump.
/// False: `manager.text` says why, or else there are four components or too many pixels.
bool decode(jpeg_decompress_struct& info, ErrorManager& manager, std::span<const std::uint8_t> bytes,
            Picture& picture) {
  if (setjmp(manager.out) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  picture.width = info.image_width;
  picture.height = info.image_height;
  if (info.num_components == 4 || picture.width * picture.height > most_pixels) return false;
  info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&info);
  picture.channels = info.output_components;
  const auto row = static_cast<std::size_t>(picture.width * picture.channels);
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
  const bool print = info.num_components == 4;
  jpeg_destroy_decompress(&info);
  const std::string begin = "The JPEG " + path + " can't be read: ";
  if (!decoded && manager.text[0] != '\0') throw DataError(begin + manager.text + ".");
  if (!decoded && print) {
    throw DataError(
        begin + "it has a print's four colours (CMYK). Convert it, for example with ImageMagick: convert " +
        path + " -colorspace sRGB " + path);
  }
  if (!decoded) throw DataError(begin + too_large(picture.width, picture.height) + ".");
  if (manager.damaged)
    throw DataError("The JPEG " + path + " is damaged or cut short: " + manager.text + ".");
  return picture;
}

}  // namespace generalizer
