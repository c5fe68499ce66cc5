// SizeEstimate: how many bytes a decoded value is worth, without asking every value. A codec knows
// only the size of the object, not of what it owns, and encoding every written value to measure it
// would undo the buffer's gain; so one value in sixteen is measured and stands for the others.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/detail/codec.h"

namespace millrace::store {

class SizeEstimate {
 public:
  explicit SizeEstimate(const detail::Codec* codec)
      : codec_(codec),
        fixed_(codec->format == detail::Format::kInt32 || codec->format == detail::Format::kInt64 ||
               codec->format == detail::Format::kDouble) {}

  // The bytes that the value owns beyond its object.
  size_t Of(const void* value) {
    if (fixed_) return 0;
    if (++values_ % kSampleEvery == 1) return Measure(value);
    return average_;
  }

 private:
  static constexpr uint32_t kSampleEvery = 16;

  size_t Measure(const void* value) {
    scratch_.clear();
    codec_->encode(value, &scratch_);
    size_t size = scratch_.size();
    average_ = values_ == 1 ? size : (7 * average_ + size + 7) / 8;
    return size;
  }

  const detail::Codec* codec_;
  bool fixed_;
  uint32_t values_ = 0;
  size_t average_ = 0;
  std::string scratch_;
};

}  // namespace millrace::store
