//! Field report R41: a broker that falls silent, is killed, or takes a queue away never leaves a consumer asleep.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use bus::{Bus, Message, QueueSpec, Route, Subscription, conformance};
use bytes::Bytes;
use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const DEFAULT_URL: &str = "amqp://guest:guest@127.0.0.1:5672/%2f";
/// Within so long a consumer must be at work again.
const RECOVERS: Duration = Duration::from_mins(1);
/// How long a broker may take to start.
const STARTS: Duration = Duration::from_secs(90);

fn url() -> String {
    std::env::var("COUNTERSIGN_TEST_AMQP").unwrap_or_else(|_| DEFAULT_URL.to_owned())
}

fn host(url: &str) -> String {
    url.rsplit('@').next().unwrap().split('/').next().unwrap().to_owned()
}

fn message(id: &str, queue: &str) -> Message {
    let route = Route::Queue(queue.to_owned());
    Message { id: id.to_owned(), route, headers: BTreeMap::new(), body: Bytes::from_static(b"body") }
}

/// Takes messages until the wanted one comes; anything before it may come again.
async fn takes(queue: &mut dyn Subscription, id: &str) {
    let taken = async {
        loop {
            let delivery = queue.next().await.unwrap();
            let found = delivery.message.id == id;
            delivery.ack().await;
            if found {
                return;
            }
        }
    };
    tokio::time::timeout(RECOVERS, taken)
        .await
        .unwrap_or_else(|_| panic!("{id} never came: the consumer sleeps"));
}

/// Publishes until it is confirmed.
async fn leaves(bus: &Arc<dyn Bus>, message: &Message) {
    let confirmed = async {
        while let Err(error) = bus.publish(message).await {
            assert!(error.is_transient(), "{error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(RECOVERS, confirmed).await.expect("the publisher finds the broker again");
}

/// Runs a test with a name of its own, and removes its queues whether or not it succeeds.
async fn with_queues<Fut>(test: impl FnOnce(String) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let name = format!("test-{:016x}", rand::random::<u64>());
    let outcome = tokio::spawn(test(name.clone())).await;
    for queue in conformance::queues(&name) {
        delete(&url(), &queue).await;
    }
    outcome.unwrap();
}

async fn delete(url: &str, queue: &str) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
}

/// Between bus and broker. Connections that were open when it fell silent stay open and carry nothing any more, as
/// behind a firewall that forgot them.
struct Wire {
    address: SocketAddr,
    silent_below: watch::Sender<u64>,
    opened: Arc<std::sync::atomic::AtomicU64>,
}

impl Wire {
    async fn to(broker: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (silent_below, silence) = watch::channel(0);
        let opened = Arc::new(std::sync::atomic::AtomicU64::new(0));
        tokio::spawn(carry(listener, broker, silence, opened.clone()));
        Self { address, silent_below, opened }
    }

    /// Lets every open connection fall silent; new ones are carried.
    fn falls_silent(&self) {
        let opened = self.opened.load(std::sync::atomic::Ordering::SeqCst);
        assert!(opened >= 2, "the bus has a connection to publish and one to consume");
        self.silent_below.send_replace(opened);
    }
}

async fn carry(
    listener: TcpListener,
    broker: String,
    silence: watch::Receiver<u64>,
    opened: Arc<std::sync::atomic::AtomicU64>,
) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        let number = opened.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let (broker, mut silence) = (broker.clone(), silence.clone());
        connections.spawn(async move {
            let mut server = TcpStream::connect(broker).await.unwrap();
            tokio::select! {
                // Whoever hangs up has ended the connection.
                _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                () = fell_silent(&mut silence, number) => std::future::pending().await,
            }
        });
    }
}

#[tokio::test]
async fn r41_a_consumer_behind_a_half_open_connection_is_at_work_again_within_a_minute() {
    with_queues(|name| async move {
        let wire = Wire::to(host(&url())).await;
        let bus = bus::rabbitmq(&url().replace(&host(&url()), &wire.address.to_string())).unwrap();
        bus.declare(&QueueSpec::new(&*name, &[])).await.unwrap();
        let mut queue = bus.subscribe(&name, 4).await.unwrap();
        leaves(&bus, &message("before", &name)).await;
        takes(&mut *queue, "before").await;

        wire.falls_silent();
        // Somebody else's connection is well: its message lies in the queue while ours hears nothing.
        let other = bus::rabbitmq(&url()).unwrap();
        leaves(&other, &message("in the silence", &name)).await;
        let began = Instant::now();
        let after = message("after", &name);
        tokio::join!(leaves(&bus, &after), takes(&mut *queue, "in the silence"));
        takes(&mut *queue, "after").await;
        assert!(began.elapsed() < RECOVERS, "{:?}", began.elapsed());
    })
    .await;
}

#[tokio::test]
async fn r41_a_consumer_whose_queue_was_deleted_makes_it_again_and_goes_on() {
    with_queues(|name| async move {
        let bus = bus::rabbitmq(&url()).unwrap();
        let topic = format!("{name}.released");
        bus.declare(&QueueSpec::new(&*name, &[&topic])).await.unwrap();
        let mut queue = bus.subscribe(&name, 1).await.unwrap();
        leaves(&bus, &message("before", &name)).await;
        takes(&mut *queue, "before").await;
        for round in ["first", "second"] {
            delete(&url(), &name).await;
            // A topic that nobody listens to is no error: until the consumer is back its messages reach no queue.
            let came = async {
                let event = Message { route: Route::Topic(topic.clone()), ..message(round, &name) };
                loop {
                    leaves(&bus, &event).await;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            };
            tokio::select! {
                () = takes(&mut *queue, round) => {}
                () = came => unreachable!("it publishes for ever"),
            }
        }
    })
    .await;
}

async fn fell_silent(silence: &mut watch::Receiver<u64>, number: u64) {
    // The sender lives as long as the wire.
    let _ = silence.wait_for(|below| number < *below).await;
}

/// A RabbitMQ of this test's own.
struct Broker {
    /// The script that has started the virtual machine and waits for it.
    process: Child,
    port: u16,
    pid_file: PathBuf,
}

impl Broker {
    /// Starts a broker that knows nothing yet.
    async fn start(port: u16, folder: &Path) -> Self {
        let program = ["/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"]
            .into_iter()
            .find(|program| !program.starts_with('/') || Path::new(program).exists())
            .unwrap();
        let distribution = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        std::fs::create_dir_all(folder).unwrap();
        let log = std::fs::File::create(folder.join("output")).unwrap();
        let config = folder.join("rabbitmq.conf");
        std::fs::write(&config, format!("listeners.tcp.1 = 127.0.0.1:{port}\n")).unwrap();
        let process = Command::new(program)
            .env("HOME", folder)
            .env("RABBITMQ_NODENAME", format!("countersign-{port}@localhost"))
            .env("RABBITMQ_CONF_ENV_FILE", folder.join("none"))
            .env("RABBITMQ_CONFIG_FILE", config)
            .env("RABBITMQ_DIST_PORT", distribution.to_string())
            .env("RABBITMQ_MNESIA_BASE", folder)
            .env("RABBITMQ_LOG_BASE", folder)
            .env("RABBITMQ_PID_FILE", folder.join("pid"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} can't be run ({error}): install rabbitmq-server"));
        let broker = Self { process, port, pid_file: folder.join("pid") };
        let answers = async {
            while Connection::connect(&broker.url(), ConnectionProperties::default()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        };
        tokio::time::timeout(STARTS, answers).await.unwrap_or_else(|_| {
            panic!("no broker: {}", std::fs::read_to_string(folder.join("output")).unwrap_or_default())
        });
        broker
    }

    fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    /// `kill -9` of the virtual machine, and of the script that waits for it.
    fn dies(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(&self.pid_file) {
            // It may be dead already.
            let _ = Command::new("kill").args(["-9", pid.trim()]).status();
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.dies();
    }
}

#[tokio::test]
async fn r41_a_consumer_finds_the_empty_broker_that_replaces_a_killed_one() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut first = Broker::start(port, &folder.path().join("first")).await;
    let bus = bus::rabbitmq(&first.url()).unwrap();
    bus.declare(&QueueSpec::new("jobs", &[])).await.unwrap();
    let mut queue = bus.subscribe("jobs", 1).await.unwrap();
    leaves(&bus, &message("before", "jobs")).await;
    takes(&mut *queue, "before").await;

    first.dies();
    let waiting = tokio::spawn(async move {
        takes(&mut *queue, "after").await;
    });
    let _second = Broker::start(port, &folder.path().join("second")).await;
    let began = Instant::now();
    leaves(&bus, &message("after", "jobs")).await;
    waiting.await.unwrap();
    assert!(began.elapsed() < RECOVERS, "{:?}", began.elapsed());
}
