// The four tables of the social product as streams that topologies can build on. Each function adds
// a source on the table's change topic, one on user.erased.v1, and the rows of the table; call it
// once per topology.
//
// What comes out, keyed by post or follower (not yet repartitioned by it):
//  - every change of a row once, in the order of the row's versions (place in the write-ahead log).
//    What is repeated, replayed or overlaps with a snapshot, is dropped. A row that went is
//    remembered for a week, so that no replay brings it back; one that is news after that, is.
//  - `before` and `after` are whole rows, from the rows that are kept here; what the connector says
//    of `before` is not looked at. No column is "unchanged".
//  - op c: the row is new. r: the row was in a snapshot and was not known. u: it was known and is
//    different now. d: it is gone: deleted, taken back (Comment::deleted), its user erased, or
//    moved to another post (then a c follows). Nothing else; no tombstones.
//  - the time of the record is the event time: created_at of a row that is there, the commit of one
//    that is gone. A created_at that is more than five minutes ahead of the log is set back to the
//    log's time, also in the row; follows, likes and comments keep the created_at with which they
//    came while they exist.
//  - a like, comment or follow of a snapshot may come without created_at (kNoTimestamp): count it
//    among all there ever were, but in no window.
//
// Dead letters: a truncated table (STATE); no key, a key that is not the row's, no created_at
// (SCHEMA); a time before 1970 or more than a day ahead (RANGE); a user who follows themselves
// (POLICY). Messages of the database are ignored and counted.
//
// Erasure: user.erased.v1 reaches every task. It takes away all rows by or about the user, with a d
// for each, and says how many on user.erasure.done.v1; what still comes about them is dropped and
// counted (erased_late_total).
#pragma once

#include "millrace/topology_builder.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"

namespace millrace::topologies {

Stream<schemas::PostId, debezium::Change<schemas::Post>> NormalPosts(TopologyBuilder* flow);
Stream<schemas::UserId, debezium::Change<schemas::Follow>> NormalFollows(TopologyBuilder* flow);
Stream<schemas::PostId, debezium::Change<schemas::Like>> NormalLikes(TopologyBuilder* flow);
Stream<schemas::PostId, debezium::Change<schemas::Comment>> NormalComments(TopologyBuilder* flow);

}  // namespace millrace::topologies
