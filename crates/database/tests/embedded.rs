//! The conformance suite over the embedded bus, and what a file adds: it outlives its process.

use bus::{Message, QueueSpec, Route, conformance};
use bytes::Bytes;
use std::collections::BTreeMap;

macro_rules! conforms {
    ($($test:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $test() {
            let folder = tempfile::tempdir().unwrap();
            let bus = database::embedded::bus(&folder.path().join("bus.sqlite")).await.unwrap();
            conformance::$test(bus, "test").await;
        }
    )*};
}

conforms! {
    a_message_arrives_as_it_was_sent,
    a_topic_reaches_every_queue_that_listens,
    an_unknown_queue_is_told,
    messages_come_in_order_and_no_more_than_asked_for,
    a_retried_message_comes_again_later,
    a_parked_message_waits_with_its_reason,
    a_poisonous_message_is_parked_at_the_limit,
    a_parked_message_outlives_any_number_of_looks,
    what_was_unanswered_goes_to_the_next_subscriber,
    subscribers_share_the_work,
}

#[tokio::test]
async fn what_was_kept_or_handed_out_survives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bus.sqlite");
    let message = |id: &str| Message {
        id: id.to_owned(),
        route: Route::Queue("jobs".to_owned()),
        headers: BTreeMap::new(),
        body: Bytes::from_static(b"work"),
    };

    let bus = database::embedded::bus(&file).await.unwrap();
    bus.declare(&QueueSpec::new("jobs", &[])).await.unwrap();
    bus.publish(&message("handed out")).await.unwrap();
    bus.publish(&message("waiting")).await.unwrap();
    let mut queue = bus.subscribe("jobs", 1).await.unwrap();
    let handed_out = queue.next().await.unwrap();
    // A process that dies gives nothing back.
    std::mem::forget(handed_out);
    drop((queue, bus));

    let bus = database::embedded::bus(&file).await.unwrap();
    let mut queue = bus.subscribe("jobs", 2).await.unwrap();
    let (first, second) = (queue.next().await.unwrap(), queue.next().await.unwrap());
    assert_eq!((&*first.message.id, first.redelivered), ("handed out", true));
    assert_eq!((&*second.message.id, second.redelivered), ("waiting", false));
}
