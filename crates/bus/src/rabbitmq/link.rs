//! One connection, opened when it is needed and dropped when it fails.

use super::answered;
use crate::Error;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};
use std::sync::Arc;
use tokio::sync::Mutex;

pub(super) struct Link {
    uri: AMQPUri,
    name: &'static str,
    live: Mutex<Option<Arc<Connection>>>,
}

/// A channel, and the connection that it keeps open.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) channel: Channel,
    pub(super) connection: Arc<Connection>,
}

impl Open {
    pub(super) fn is_usable(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }
}

impl Link {
    pub(super) fn new(uri: AMQPUri, name: &'static str) -> Self {
        Self { uri, name, live: Mutex::new(None) }
    }

    /// A new channel, over the connection that lives or a new one.
    pub(super) async fn open(&self) -> Result<Open, Error> {
        let connection = self.connection().await?;
        match answered("open a channel", connection.create_channel()).await {
            Ok(channel) => Ok(Open { channel, connection }),
            Err(error) => {
                self.drop_connection(&connection).await;
                Err(error)
            }
        }
    }

    /// Forgets a connection that has failed, unless a newer one has taken its place.
    pub(super) async fn drop_connection(&self, failed: &Arc<Connection>) {
        let mut live = self.live.lock().await;
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(live, failed)) {
            *live = None;
        }
    }

    async fn connection(&self) -> Result<Arc<Connection>, Error> {
        let mut live = self.live.lock().await;
        if let Some(connection) = live.as_ref().filter(|connection| connection.status().connected()) {
            return Ok(connection.clone());
        }
        *live = None;
        let properties = ConnectionProperties::default().with_connection_name(self.name.into());
        let connecting = Connection::connect_uri(self.uri.clone(), properties);
        let connection = Arc::new(answered("accept a connection", connecting).await?);
        tracing::info!(event = "bus.connected", connection = self.name, "connected to the message broker");
        *live = Some(connection.clone());
        Ok(connection)
    }
}
