//! The conformance suite over RabbitMQ, and what only a broker can do: go away and come back.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use bus::{Bus, Error, Message, QueueSpec, Route, conformance};
use bytes::Bytes;
use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

const DEFAULT_URL: &str = "amqp://guest:guest@127.0.0.1:5672/%2f";

fn url() -> String {
    std::env::var("COUNTERSIGN_TEST_AMQP").unwrap_or_else(|_| DEFAULT_URL.to_owned())
}

async fn connect() -> Connection {
    let connected = Connection::connect(&url(), ConnectionProperties::default()).await;
    connected.unwrap_or_else(|error| {
        panic!(
            "no RabbitMQ at the address in COUNTERSIGN_TEST_AMQP ({error}): start one with \
             `docker compose up rabbitmq` or `rabbitmq-server`, or name another"
        )
    })
}

/// Runs a test with a name of its own, and removes its queues whether or not it succeeds.
async fn with_queues<Fut>(test: impl FnOnce(String) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let connection = connect().await;
    let name = format!("test-{:016x}", rand::random::<u64>());
    let outcome = tokio::spawn(test(name.clone())).await;
    let channel = connection.create_channel().await.unwrap();
    for queue in conformance::queues(&name) {
        channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
    }
    outcome.unwrap();
}

macro_rules! conforms {
    ($($test:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $test() {
            with_queues(|name| async move {
                conformance::$test(bus::rabbitmq(&url()).unwrap(), &name).await;
            })
            .await;
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

fn message(id: &str, queue: &str) -> Message {
    let route = Route::Queue(queue.to_owned());
    Message { id: id.to_owned(), route, headers: BTreeMap::new(), body: Bytes::from_static(b"body") }
}

/// Stands between bus and broker; dropping its task cuts every connection.
struct Proxy {
    address: std::net::SocketAddr,
    broker: String,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = url();
        let broker = url.rsplit('@').next().unwrap().split('/').next().unwrap().to_owned();
        let task = tokio::spawn(forward(listener, broker.clone()));
        Self { address, broker, task }
    }

    fn url(&self) -> String {
        url().replace(&self.broker, &self.address.to_string())
    }

    async fn cut(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    async fn heal(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.task = tokio::spawn(forward(listener, self.broker.clone()));
    }
}

async fn forward(listener: TcpListener, broker: String) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        let broker = broker.clone();
        connections.spawn(async move {
            let mut server = TcpStream::connect(broker).await?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await?;
            io::Result::Ok(())
        });
    }
}

#[tokio::test]
async fn a_lost_broker_is_found_again_and_nothing_confirmed_is_lost() {
    with_queues(|name| async move {
        let mut proxy = Proxy::start().await;
        let bus = bus::rabbitmq(&proxy.url()).unwrap();
        bus.declare(&QueueSpec::new(&*name, &[])).await.unwrap();
        let mut queue = bus.subscribe(&name, 4).await.unwrap();
        for round in 0..5 {
            let id = format!("round {round}");
            publish_until_confirmed(&bus, &message(&id, &name)).await;
            proxy.cut().await;
            let outage = bus.publish(&message("during the outage", &name)).await;
            assert!(outage.unwrap_err().is_transient());
            proxy.heal().await;
            // What was confirmed before the cut arrives after it, perhaps more than once.
            tokio::time::timeout(Duration::from_secs(30), async {
                loop {
                    let delivery = queue.next().await.unwrap();
                    let found = delivery.message.id == id;
                    delivery.ack().await;
                    if found {
                        break;
                    }
                }
            })
            .await
            .expect("the message arrives after the outage");
        }
    })
    .await;
}

async fn publish_until_confirmed(bus: &Arc<dyn Bus>, message: &Message) {
    let confirmed = async {
        while let Err(error) = bus.publish(message).await {
            assert!(error.is_transient(), "{error}");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), confirmed).await.expect("the broker is back");
}

#[tokio::test]
async fn a_queue_that_somebody_deleted_is_made_again() {
    with_queues(|name| async move {
        let bus = bus::rabbitmq(&url()).unwrap();
        bus.declare(&QueueSpec::new(&*name, &[])).await.unwrap();
        let channel = connect().await.create_channel().await.unwrap();
        channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await.unwrap();

        bus.publish(&message("m1", &name)).await.unwrap();
        let mut queue = bus.subscribe(&name, 1).await.unwrap();
        queue.next().await.unwrap().ack().await;
    })
    .await;
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_a_passing_failure() {
    let bus = bus::rabbitmq("amqp://guest:secret@127.0.0.1:9/%2f").unwrap();
    let error = bus.publish(&message("m1", "any")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[test]
fn an_address_that_cant_be_read_is_told_without_its_password() {
    let error = bus::rabbitmq("amqp//guest:secret@host").err().unwrap();
    assert!(matches!(error, Error::Address { .. }));
    assert!(!error.to_string().contains("secret"), "{error}");
}
