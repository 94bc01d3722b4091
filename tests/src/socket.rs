//! A browser's WebSocket at `/graphql`, by hand: what is heard is counted, whatever it says.

use crate::wait::until;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::task::JoinHandle;

/// A subscription, and what has come over it.
pub struct Socket {
    heard: Arc<Mutex<Vec<Value>>>,
    listening: JoinHandle<()>,
    /// Kept open: a closed half ends the connection.
    _writing: tokio::net::tcp::OwnedWriteHalf,
}

impl Socket {
    /// Subscribes at `http://host:port` with a cookie.
    ///
    /// # Panics
    /// When the door doesn't let it in.
    pub async fn subscribes(base: &str, cookie: &str, query: &str) -> Self {
        let address = base.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {address}\r\nOrigin: {base}\r\nCookie: {cookie}\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        let (reading, mut writing) = stream.into_split();
        for message in [
            json!({ "type": "connection_init" }),
            json!({ "type": "subscribe", "id": "1", "payload": { "query": query } }),
        ] {
            writing.write_all(&frame(&message)).await.unwrap();
        }
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listening = tokio::spawn(listen(reading, Arc::clone(&heard)));
        let socket = Self { heard, listening, _writing: writing };
        until("the door lets the subscription in", 20, || {
            let is_in =
                socket.heard.lock().unwrap().iter().any(|message| message["type"] == "connection_ack");
            async move { is_in.then_some(()) }
        })
        .await;
        socket
    }

    /// Everything that was heard beside the greeting.
    pub fn heard(&self) -> Vec<Value> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|message| message["type"] != "connection_ack").cloned().collect()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A final text frame, masked with zeros, which leave it as it is.
fn frame(message: &Value) -> Vec<u8> {
    let text = message.to_string();
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x81, 0xfe];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

async fn listen(mut reading: OwnedReadHalf, heard: Arc<Mutex<Vec<Value>>>) {
    // Ends with the connection.
    while let Ok(head) = reading.read_u8().await {
        let Ok(length) = reading.read_u8().await else { return };
        let length = match length {
            126 => reading.read_u16().await.map(usize::from),
            short => Ok(usize::from(short)),
        };
        let Ok(length) = length else { return };
        let mut content = vec![0; length];
        if reading.read_exact(&mut content).await.is_err() {
            return;
        }
        let is_text = head & 0x0f == 1;
        let message = is_text.then(|| serde_json::from_slice::<Value>(&content).unwrap());
        heard.lock().unwrap().extend(message.filter(|message| message["type"] != "ping"));
    }
}
