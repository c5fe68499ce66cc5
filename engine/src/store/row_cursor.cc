#include "store/row_cursor.h"

#include <algorithm>
#include <utility>

namespace millrace::store {

void DirtyWalk::Seek(std::string_view key) {
  if (copied_) {
    while (Valid() && (forward_ ? this->key() < key : this->key() >= key)) ++next_copy_;
    return;
  }
  at_ = index_->lower_bound(key);
  if (!forward_) at_ = at_ == index_->begin() ? index_->end() : std::prev(at_);
}

void DirtyWalk::SeekToLast() { at_ = index_->empty() ? index_->end() : std::prev(index_->end()); }

void DirtyWalk::Next() {
  if (copied_) {
    ++next_copy_;
  } else if (forward_) {
    ++at_;
  } else {
    at_ = at_ == index_->begin() ? index_->end() : std::prev(at_);
  }
}

void DirtyWalk::Copy(const BufferedTable::Bounds& bounds, const detail::Codec* codec) {
  std::vector<RowCopy> copies;
  for (; Valid(); Next()) {
    if (forward_ ? !bounds.upper.empty() && key() >= bounds.upper : key() < bounds.lower) break;
    RowCopy& copy = copies.emplace_back(RowCopy{std::string(key()), {}, timestamp(), nullptr});
    copy.value.Assign(codec, value().get());
    if (!headers().empty()) copy.headers = std::make_unique<Headers>(headers());
  }
  copies_ = std::move(copies);
  next_copy_ = 0;
  copied_ = true;
}

RowCursor::RowCursor(BufferedTable* table, BufferedTable::Bounds bounds, detail::Order order)
    : table_(table),
      bounds_(std::move(bounds)),
      order_(order),
      dirty_(&table->buffer_.DirtyByKey(), order),
      backend_(table->TakeIterator()) {
  ++table_->context_->open_iterators;
  table_->cursors_.push_back(this);
  if (forward()) {
    dirty_.Seek(bounds_.lower);
    table_->rows_begin_.Seek(bounds_.lower, backend_.get());
  } else if (!bounds_.upper.empty()) {
    SeekBoth(bounds_.upper);
  } else {
    dirty_.SeekToLast();
    backend_->SeekToLast();
  }
  Settle();
}

RowCursor::~RowCursor() {
  --table_->context_->open_iterators;
  std::erase(table_->cursors_, this);
  table_->ReturnIterator(std::move(backend_));
}

void RowCursor::Next() {
  if (source_ == Source::kDirty) {
    dirty_.Next();
  } else {
    AdvanceBackend();
  }
  Settle();
}

void RowCursor::Seek(std::string_view key) {
  SeekBoth(key);
  Settle();
}

void RowCursor::SeekBoth(std::string_view key) {
  dirty_.Seek(key);
  if (forward()) {
    backend_->SeekAtOrAfter(key);
  } else {
    backend_->SeekBefore(key);
  }
}

void RowCursor::AdvanceBackend() {
  if (forward()) {
    backend_->Next();
  } else {
    backend_->Prev();
  }
}

bool RowCursor::InBounds(std::string_view key) const {
  if (forward()) return bounds_.upper.empty() || key < bounds_.upper;
  return key >= bounds_.lower;
}

void RowCursor::Settle() {
  decoded_ = headers_decoded_ = false;
  while (true) {
    bool dirty = dirty_.Valid() && InBounds(dirty_.key());
    bool committed = backend_->Valid() && InBounds(backend_->key());
    if (!dirty && !committed) {
      source_ = Source::kNone;
      if (!backend_->Valid()) table_->context_->ReportBackend(backend_->status()).IgnoreError();
      return;
    }
    // Below 0: the changed row comes first. 0: it hides the committed one.
    int order = !committed ? -1 : !dirty ? 1 : dirty_.key().compare(backend_->key());
    if (dirty && committed && !forward()) order = -order;
    if (order > 0) {
      source_ = Source::kBackend;
      return;
    }
    if (order == 0) AdvanceBackend();
    if (dirty_.value().has_value()) {
      source_ = Source::kDirty;
      return;
    }
    dirty_.Next();
  }
}

detail::StoredValue RowCursor::value() {
  if (decoded_) return {value_.get(), timestamp_};
  decoded_ = true;
  const detail::Codec* codec = table_->spec().value;
  if (source_ == Source::kDirty) {
    value_.Assign(codec, dirty_.value().get());
    timestamp_ = dirty_.timestamp();
    return {value_.get(), timestamp_};
  }
  ParsedRow parsed;
  absl::Status status = ParseRow(backend_->row(), &parsed);
  void* value = value_.Emplace(codec);
  if (status.ok()) status = codec->decode(parsed.value, value);
  // The walk goes on with whatever the box holds; nothing derived from it is ever committed.
  if (!status.ok()) table_->ReportDamage(backend_->key(), status);
  timestamp_ = parsed.timestamp;
  return {value, timestamp_};
}

const Headers& RowCursor::headers() {
  if (!table_->spec().keep_headers) return Headers::Empty();
  if (headers_decoded_) return headers_;
  headers_decoded_ = true;
  if (source_ == Source::kDirty) return headers_ = dirty_.headers();
  ParsedRow parsed;
  absl::Status status = ParseRow(backend_->row(), &parsed);
  if (status.ok()) status = DecodeHeaders(parsed.headers, &headers_);
  if (!status.ok()) table_->ReportDamage(backend_->key(), status);
  return headers_;
}

}  // namespace millrace::store
