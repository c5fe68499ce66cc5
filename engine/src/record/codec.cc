#include "millrace/detail/codec.h"

namespace millrace::detail {

ErasedValue& ErasedValue::operator=(ErasedValue&& other) noexcept {
  if (this != &other) {
    Reset();
    MoveFrom(other);
  }
  return *this;
}

// A heap object changes hands; an inline one is moved. Types whose move throws end the process.
void ErasedValue::MoveFrom(ErasedValue& other) noexcept {
  codec_ = other.codec_;
  if (other.object_ == nullptr) return;
  if (other.IsInline()) {
    codec_->move_construct(inline_, other.object_);
    object_ = inline_;
    other.Reset();
  } else {
    object_ = std::exchange(other.object_, nullptr);
  }
}

void* ErasedValue::Emplace(const Codec* codec) {
  if (object_ != nullptr && codec_ == codec) return object_;
  Reset();
  const bool fits = codec->size <= kInlineSize && codec->align <= alignof(std::max_align_t);
  void* place = fits ? inline_ : ::operator new(codec->size, std::align_val_t(codec->align));
  codec->construct(place);
  codec_ = codec;
  object_ = place;
  return object_;
}

void ErasedValue::Assign(const Codec* codec, const void* value) {
  if (value == nullptr) {
    Reset();
  } else {
    codec->copy_assign(Emplace(codec), value);
  }
}

void ErasedValue::Reset() {
  if (object_ == nullptr) return;
  void* object = std::exchange(object_, nullptr);
  codec_->destroy(object);
  if (object != static_cast<void*>(inline_)) {
    ::operator delete(object, std::align_val_t(codec_->align));
  }
}

}  // namespace millrace::detail
