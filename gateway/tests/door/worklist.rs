//! `worklistChanged` over a WebSocket.

use crate::cases::WithStudy as _;
use crate::site::{Browser, Site};
use contract::review::Availability;
use database::scratch::{Scratch, on_sqlite};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Long enough for several instants of the grid.
const PATIENCE: Duration = Duration::from_secs(15);
/// Two instants of the grid and some.
const A_WHILE: Duration = Duration::from_secs(5);

/// A WebSocket, by hand: our own side of it is what is tested.
struct Socket(TcpStream);

impl Socket {
    async fn open(site: &Site, browser: &Browser<'_>, origin: &str) -> (Self, String) {
        let address = site.base.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\nCookie: {}\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
            browser.cookie_pair()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        (Self(stream), String::from_utf8(head).unwrap())
    }

    async fn says(&mut self, message: Value) {
        let text = message.to_string();
        let length = u16::try_from(text.len()).unwrap();
        // Final text frame, masked with zeros, which leaves it as it is.
        let mut frame = vec![0x81, 0xfe];
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text.as_bytes());
        self.0.write_all(&frame).await.unwrap();
    }

    /// The next message, or `None` when none comes in time.
    async fn hears(&mut self, within: Duration) -> Option<Value> {
        tokio::time::timeout(within, self.next()).await.ok()
    }

    async fn next(&mut self) -> Value {
        loop {
            let kind = self.0.read_u8().await.unwrap() & 0x0f;
            let length = match self.0.read_u8().await.unwrap() {
                126 => usize::from(self.0.read_u16().await.unwrap()),
                short => usize::from(short),
            };
            let mut content = vec![0; length];
            self.0.read_exact(&mut content).await.unwrap();
            if kind == 1 {
                let message: Value = serde_json::from_slice(&content).unwrap();
                if message["type"] != "ping" {
                    return message;
                }
            }
        }
    }

    async fn subscribes(&mut self, query: &str) {
        self.says(json!({ "type": "connection_init" })).await;
        assert_eq!(self.hears(PATIENCE).await.unwrap()["type"], "connection_ack");
        self.says(json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })).await;
    }
}

async fn waits_until_looked_at(site: &Site) {
    tokio::time::timeout(PATIENCE, async {
        while site.behind.asked("/v1/worklist") == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_reader_is_told_when_their_own_worklist_changes_and_not_when_others_act() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        site.has_cases(2);
        let browser = site.reader().await;
        let (mut socket, head) = Socket::open(&site, &browser, &site.base).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        socket.subscribes("subscription { worklistChanged }").await;
        waits_until_looked_at(&site).await;
        // Something happens to a case that shows nothing new to this reader.
        site.something_happens().await;
        assert_eq!(socket.hears(A_WHILE).await, None);
        site.behind.cases.lock().unwrap()[0].availability = Availability::Unavailable;
        site.something_happens().await;
        let tick = socket.hears(PATIENCE).await.unwrap();
        assert_eq!(tick["type"], "next");
        let at = tick["payload"]["data"]["worklistChanged"].as_str().unwrap();
        assert!(at.starts_with("2026-11-25T08:00:02"), "ticks stand on the grid: {at}");
    })
    .await;
}

#[tokio::test]
async fn who_signed_out_hears_nothing_more() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.reader().await;
        let (mut socket, _) = Socket::open(&site, &browser, &site.base).await;
        socket.subscribes("subscription { worklistChanged }").await;
        waits_until_looked_at(&site).await;
        browser.asks("mutation { signOut { ok } }", Value::Null).await;
        site.has_cases(1);
        site.something_happens().await;
        assert_eq!(socket.hears(PATIENCE).await.unwrap()["type"], "complete");
    })
    .await;
}

#[tokio::test]
async fn a_socket_takes_subscriptions_only() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.reader().await;
        let (mut socket, _) = Socket::open(&site, &browser, &site.base).await;
        socket.subscribes("mutation { signOut { ok } }").await;
        let answer = socket.hears(PATIENCE).await.unwrap();
        assert!(answer.to_string().contains("only subscriptions"), "{answer}");
        assert_eq!(browser.viewer().await["username"], "rad1");
    })
    .await;
}

#[tokio::test]
async fn other_sites_and_strangers_open_no_socket() {
    on_sqlite(async |scratch: Scratch| {
        let site = Site::open(&scratch).await;
        let browser = site.reader().await;
        let (_, head) = Socket::open(&site, &browser, "https://evil.example").await;
        assert!(head.starts_with("HTTP/1.1 403"), "{head}");
        let (_, head) = Socket::open(&site, &site.browser(), &site.base).await;
        assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    })
    .await;
}
