#include "schemas/user_list.h"

#include "connectors/debezium/envelope.h"
#include "connectors/debezium/json_row.h"
#include "connectors/debezium/json_writer.h"
#include "connectors/debezium/row_codec.h"
#include "millrace/status.h"

template <>
struct millrace::debezium::Columns<millrace::schemas::ListedUser> {
  using Row = schemas::ListedUser;
  static constexpr auto kAll = std::tuple(
      Column("user_id", &Row::user), Column("count", &Row::count), Column("source", &Row::source));
};

namespace millrace {

using debezium::JsonRow;
using debezium::JsonWriter;
using schemas::ListedUser;
using schemas::UserList;

void Serde<UserList>::Encode(const UserList& list, std::string* out) {
  JsonWriter writer(out);
  writer.Time("at", list.at);
  std::string* users = writer.Raw("users");
  users->push_back('[');
  for (const ListedUser& user : list.users) {
    if (&user != &list.users.front()) users->push_back(',');
    JsonWriter fields(users);
    debezium::RowCodec<ListedUser>::Write(user, &fields);
    fields.Close();
  }
  users->push_back(']');
  writer.Close();
}

absl::Status Serde<UserList>::Decode(std::string_view bytes, UserList* out) {
  out->users.clear();
  MR_ASSIGN_OR_RETURN(
      JsonRow * list, debezium::DecodeObjectWithList(bytes, "users", [out](JsonRow* user) {
        return debezium::RowCodec<ListedUser>::Read(user, &out->users.emplace_back());
      }));
  return list->Read("at", debezium::TimeForm::kZoned, &out->at);
}

std::string Serde<UserList>::ToJson(const UserList& list) {
  std::string json;
  Encode(list, &json);
  return json;
}

}  // namespace millrace
