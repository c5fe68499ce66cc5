// Streams without duplicates: docs/deduplicate.md.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

using Build = std::function<void(TopologyBuilder&)>;

Build ByKey(DeduplicateOptions<Text, Text> options = {}) {
  return [=](auto& flow) { flow.From(kIn).Deduplicate("seen", 100ms, options).To(kOut); };
}

// A payment is sent again until it is acknowledged.
Text PaymentId(const Text& payment) { return payment.substr(0, payment.find(' ')); }
void FirstPayments(TopologyBuilder& flow) {
  flow.From(kIn).Deduplicate("payments-seen", 100ms, PaymentId, {.late = kLate}).To(kOut);
}

TEST(Deduplicate, LetsTheFirstRecordOfAKeyPass) {
  TextDriver driver(ByKey());
  driver.Pipe("a", "1", 1000);
  driver.Pipe("b", "2", 1000);
  driver.Pipe("a", "3", 1100);
  driver.Pipe("a", "4", 900);  // out of order, but no further away
  driver.Pipe("a", "5", 1101);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@1000", "b=2@1000", "a=5@1101"));
  EXPECT_THAT(driver->metrics()->PrometheusText(), HasSubstr("reason=\"duplicate\""));
}

TEST(Deduplicate, OfKeyAndIdKeepsOtherIdsAndOtherKeysApart) {
  TextDriver driver(FirstPayments);
  driver.Pipe("a", "p1 first", 0);
  driver.Pipe("a", "p1 again", 50);
  driver.Pipe("a", "p2 first", 50);
  driver.Pipe("b", "p1 other", 50);
  EXPECT_THAT(driver.Take(), ElementsAre("a=p1 first@0", "a=p2 first@50", "b=p1 other@50"));
}

TEST(Deduplicate, LetsRecordsWithoutKeyOrIdPass) {
  TextDriver driver(FirstPayments);
  for (int i = 0; i < 2; ++i) {
    driver.Pipe(std::nullopt, "p1", 0);
    driver.Pipe("a", std::nullopt, 0);
  }
  EXPECT_THAT(driver.Take(), ElementsAre("null=p1@0", "a=null@0", "null=p1@0", "a=null@0"));
}

TEST(Deduplicate, DropsWhatIsTooLateToBeKnown) {
  TextDriver driver(FirstPayments);
  driver.Pipe("a", "p1", 1000);
  driver.Pipe("b", "p2", 900);
  driver.Pipe("b", "p3", 899);
  EXPECT_THAT(driver.Take(), ElementsAre("a=p1@1000", "b=p2@900"));
  EXPECT_THAT(driver.Take(kLate), ElementsAre("b=p3@899"));
}

TEST(Deduplicate, FindsTheOldestDuplicateWithinHorizonAndGrace) {
  TextDriver driver(ByKey({.grace = 200ms}));
  driver.Pipe("a", "1", 1000);
  driver.Pipe("b", "2", 1300);
  driver.Pipe("a", "3", 1100);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@1000", "b=2@1300"));
}

TEST(Deduplicate, RemembersOverALossOfState) {
  TextDriver driver(FirstPayments);
  driver.Pipe("a", "p1", 0);
  driver->CrashAndLoseState();
  driver.Pipe("a", "p1", 10);
  driver->Restart();
  driver.Pipe("a", "p1", 20);
  EXPECT_THAT(driver.Take(), ElementsAre("a=p1@0"));
}

TEST(Deduplicate, OfAChangedKeyGoesThroughATopicOfTheStoresName) {
  TopologyBuilder flow("verbs");
  flow.From(kIn).SelectKey(PaymentId).Deduplicate("seen", 100ms).To(kOut);
  EXPECT_THAT(std::move(flow).Build()->Describe(), HasSubstr("Sink: seen-repartition-sink"));
}

TEST(Deduplicate, RefusesANegativeHorizon) {
  EXPECT_THAT(Refusal([](auto& flow) { flow.From(kIn).Deduplicate("seen", -1ms).To(kOut); }),
              HasSubstr("Deduplicate \"seen\" has a negative horizon"));
}

}  // namespace
}  // namespace millrace::verbs_test
