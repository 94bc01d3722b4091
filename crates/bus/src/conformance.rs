//! What every implementation of [`Bus`] must do: each function is a test to run against one, and panics where it
//! finds another behaviour. `name` must be new for each call; the queues are called `name` and `name.other`.

use crate::{
    Bus, Delivery, Error, Message, PARK_REASON_HEADER, QueueSpec, Route, Subscription, dead_letter_queue,
};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a message may take to arrive.
const ARRIVES: Duration = Duration::from_secs(15);
/// How long nothing arrives where nothing should.
const SILENCE: Duration = Duration::from_millis(500);
/// More looks than any broker's own limit on deliveries.
const LOOKS: u32 = 25;

/// The queues that a test with this name may leave behind.
pub fn queues(name: &str) -> Vec<String> {
    let other = format!("{name}.other");
    vec![dead_letter_queue(name), dead_letter_queue(&other), name.to_owned(), other]
}

/// A message keeps its id, headers and body, and is gone once it is acknowledged.
pub async fn a_message_arrives_as_it_was_sent(bus: Arc<dyn Bus>, name: &str) {
    let mut queue = open(&*bus, &QueueSpec::new(name, &[])).await;
    let mut sent = message("m1", Route::Queue(name.to_owned()));
    sent.headers.insert("traceparent".to_owned(), "00-ab-cd-01".to_owned());
    bus.publish(&sent).await.expect("published");

    let delivery = next(&mut *queue).await;
    assert_eq!(delivery.message, sent);
    assert!(!delivery.redelivered);
    assert_eq!(delivery.attempt, 1);
    delivery.ack().await;
    assert_silent(&mut *queue).await;
}

/// Each queue bound to a topic gets a copy, other queues get none, and a topic without listeners is no error.
pub async fn a_topic_reaches_every_queue_that_listens(bus: Arc<dyn Bus>, name: &str) {
    let topic = format!("{name}.released");
    let all = format!("{name}.#");
    let other_name = format!("{name}.other");
    let mut exact = open(&*bus, &QueueSpec::new(name, &[&topic])).await;
    let mut pattern = open(&*bus, &QueueSpec::new(other_name, &[&all, &topic])).await;

    bus.publish(&message("m1", Route::Topic(topic))).await.expect("published");
    bus.publish(&message("m2", Route::Topic(format!("{name}.rejected")))).await.expect("published");
    bus.publish(&message("m3", Route::Topic(format!("elsewhere.{name}")))).await.expect("nobody listens");

    assert_eq!(drain(&mut *exact).await, ["m1"]);
    assert_eq!(drain(&mut *pattern).await, ["m1", "m2"]);
}

/// A message to a queue that doesn't exist is refused, and so is listening to it.
pub async fn an_unknown_queue_is_told(bus: Arc<dyn Bus>, name: &str) {
    let lost = bus.publish(&message("m1", Route::Queue(name.to_owned()))).await;
    assert!(matches!(lost, Err(Error::Unroutable { queue }) if queue == name));
    let nothing = bus.subscribe(name, 1).await;
    assert!(matches!(nothing.err(), Some(Error::UnknownQueue { queue }) if queue == name));
}

/// Messages come in the order in which they were sent, and no more than `prefetch` of them are out at a time.
pub async fn messages_come_in_order_and_no_more_than_asked_for(bus: Arc<dyn Bus>, name: &str) {
    bus.declare(&QueueSpec::new(name, &[])).await.expect("declared");
    for id in ["m1", "m2", "m3"] {
        bus.publish(&message(id, Route::Queue(name.to_owned()))).await.expect("published");
    }
    let mut queue = bus.subscribe(name, 2).await.expect("subscribed");
    let (first, second) = (next(&mut *queue).await, next(&mut *queue).await);
    assert_eq!([&*first.message.id, &*second.message.id], ["m1", "m2"]);
    assert_silent(&mut *queue).await;
    first.ack().await;
    let third = next(&mut *queue).await;
    assert_eq!(third.message.id, "m3");
    second.ack().await;
    third.ack().await;
}

/// A message for which a retry was asked comes again after the delay, and says which attempt it is.
pub async fn a_retried_message_comes_again_later(bus: Arc<dyn Bus>, name: &str) {
    let mut queue = open(&*bus, &QueueSpec::new(name, &[])).await;
    let sent = message("m1", Route::Queue(name.to_owned()));
    bus.publish(&sent).await.expect("published");

    let delay = Duration::from_secs(1);
    let started = Instant::now();
    next(&mut *queue).await.retry(delay).await;
    let again = next(&mut *queue).await;
    assert!(started.elapsed() >= delay, "came back after {:?}", started.elapsed());
    assert_eq!(again.message, sent);
    assert_eq!((again.attempt, again.redelivered), (2, true));
    again.ack().await;
    assert_silent(&mut *queue).await;
}

/// A parked message lies in the dead-letter queue with the reason, and nowhere else.
pub async fn a_parked_message_waits_with_its_reason(bus: Arc<dyn Bus>, name: &str) {
    let mut queue = open(&*bus, &QueueSpec::new(name, &[])).await;
    let sent = message("m1", Route::Queue(name.to_owned()));
    bus.publish(&sent).await.expect("published");
    next(&mut *queue).await.park("the study has two patients").await;

    let mut dead = bus.subscribe(&dead_letter_queue(name), 1).await.expect("subscribed");
    let parked = next(&mut *dead).await;
    assert_eq!((&parked.message.id, &parked.message.body), (&sent.id, &sent.body));
    let reason = parked.message.headers.get(PARK_REASON_HEADER).map(String::as_str);
    assert_eq!(reason, Some("the study has two patients"));
    parked.ack().await;
    assert_silent(&mut *queue).await;
}

/// A message that kills whoever takes it is handed out as often as the limit says and then parked.
pub async fn a_poisonous_message_is_parked_at_the_limit(bus: Arc<dyn Bus>, name: &str) {
    let spec = QueueSpec { delivery_limit: 3, ..QueueSpec::new(name, &[]) };
    let mut queue = open(&*bus, &spec).await;
    bus.publish(&message("m1", Route::Queue(name.to_owned()))).await.expect("published");
    for delivery in 1..=3 {
        let taken = next(&mut *queue).await;
        assert_eq!(taken.redelivered, delivery > 1, "delivery {delivery}");
        drop(taken);
    }
    // The limit is noticed when the next subscriber asks.
    assert_silent(&mut *queue).await;
    let mut dead = bus.subscribe(&dead_letter_queue(name), 1).await.expect("subscribed");
    let parked = next(&mut *dead).await;
    assert_eq!(parked.message.id, "m1");
    parked.ack().await;
}

/// A parked message may be looked at as often as anybody likes: only an answer ends it.
pub async fn a_parked_message_outlives_any_number_of_looks(bus: Arc<dyn Bus>, name: &str) {
    let mut queue = open(&*bus, &QueueSpec::new(name, &[])).await;
    bus.publish(&message("m1", Route::Queue(name.to_owned()))).await.expect("published");
    next(&mut *queue).await.park("the study has two patients").await;
    let mut dead = bus.subscribe(&dead_letter_queue(name), 1).await.expect("subscribed");
    for _ in 0..LOOKS {
        drop(next(&mut *dead).await);
    }
    next(&mut *dead).await.ack().await;
}

/// A subscriber that goes away loses nothing: whoever comes next gets what was unanswered.
pub async fn what_was_unanswered_goes_to_the_next_subscriber(bus: Arc<dyn Bus>, name: &str) {
    let mut queue = open(&*bus, &QueueSpec::new(name, &[])).await;
    bus.publish(&message("m1", Route::Queue(name.to_owned()))).await.expect("published");
    let taken = next(&mut *queue).await;
    drop(queue);
    drop(taken);
    let mut heir = bus.subscribe(name, 1).await.expect("subscribed");
    let again = next(&mut *heir).await;
    assert!(again.redelivered);
    again.ack().await;
}

/// Two subscribers share the messages of a queue: each message goes to one of them.
pub async fn subscribers_share_the_work(bus: Arc<dyn Bus>, name: &str) {
    let mut one = open(&*bus, &QueueSpec::new(name, &[])).await;
    let mut two = bus.subscribe(name, 1).await.expect("subscribed");
    let mut sent = Vec::new();
    for number in 0..20 {
        let id = format!("m{number:02}");
        bus.publish(&message(&id, Route::Queue(name.to_owned()))).await.expect("published");
        sent.push(id);
    }
    let (one, two) = tokio::join!(drain(&mut *one), drain(&mut *two));
    let mut taken = [one, two].concat();
    taken.sort();
    assert_eq!(taken, sent);
}

async fn open(bus: &dyn Bus, spec: &QueueSpec) -> Box<dyn Subscription> {
    bus.declare(spec).await.expect("declared");
    bus.declare(spec).await.expect("declared again");
    bus.subscribe(&spec.name, 1).await.expect("subscribed")
}

fn message(id: &str, route: Route) -> Message {
    let body = Bytes::from(format!("body of {id}"));
    Message { id: id.to_owned(), route, headers: BTreeMap::new(), body }
}

async fn next(queue: &mut dyn Subscription) -> Delivery {
    let next = tokio::time::timeout(ARRIVES, queue.next()).await;
    next.expect("a message arrives in time").expect("the subscription lives")
}

async fn assert_silent(queue: &mut dyn Subscription) {
    let next = tokio::time::timeout(SILENCE, queue.next()).await;
    assert!(next.is_err(), "nothing more should arrive");
}

/// Takes and acknowledges until nothing arrives.
async fn drain(queue: &mut dyn Subscription) -> Vec<String> {
    let mut ids = Vec::new();
    while let Ok(delivery) = tokio::time::timeout(SILENCE, queue.next()).await {
        let delivery = delivery.expect("the subscription lives");
        ids.push(delivery.message.id.clone());
        delivery.ack().await;
    }
    ids
}
