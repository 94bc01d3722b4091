//! Listens for associations: Verification and Storage.
//!
//! What an object is worth is up to the [`StoreHandler`]; one odd object never ends the association. Every wait has a
//! limit, and an association that does nothing makes room for one that wants to (see [`door`]).

mod door;
mod negotiate;

use crate::dimse::{
    Assembler, C_ECHO_RQ, C_STORE_RQ, CANNOT_UNDERSTAND, DataSet, Message, OUT_OF_RESOURCES, Status,
    UNRECOGNIZED_OPERATION,
};
use crate::wire::{Connection, Error, Incoming, Stream};
use bytes::Bytes;
use dicom_ul::pdu::{AbortRQServiceProviderReason, Pdu};
use door::{Door, Pass};
use negotiate::{Contexts, negotiate};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How the port behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The AE title under which we are called.
    pub ae_title: String,
    /// Calling AE titles that are let in; empty lets everybody in.
    pub calling_ae_titles: Vec<String>,
    /// Longest P-DATA PDU in bytes.
    pub pdu_bytes_max: u32,
    /// Longest data set in bytes; a longer one is answered with 0xA700.
    pub instance_bytes_max: u64,
    /// Bytes of unfinished data sets over all associations.
    pub held_bytes_max: u64,
    /// Associations at a time.
    pub associations_max: usize,
    /// Associations at a time from one address.
    pub associations_per_peer_max: usize,
    /// How long an association may do nothing between messages.
    pub idle_timeout: Duration,
    /// How long one PDU may take, inside a message or while the association is opened; also for sending.
    pub pdu_timeout: Duration,
    /// After how long without progress an association gives way when the port is full.
    pub gives_way_after: Duration,
    /// TLS, when the port wants it.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ae_title: "COUNTERSIGN".into(),
            calling_ae_titles: Vec::new(),
            pdu_bytes_max: 131_072,
            instance_bytes_max: 1 << 30,
            held_bytes_max: 4 << 30,
            associations_max: 128,
            associations_per_peer_max: 64,
            idle_timeout: Duration::from_mins(5),
            pdu_timeout: Duration::from_secs(30),
            gives_way_after: Duration::from_millis(500),
            tls: None,
        }
    }
}

/// An object that a peer wants stored.
#[derive(Debug, Clone)]
pub struct StoreRequest {
    /// Which association brought it; unique while the process lives.
    pub association: u64,
    /// Calling AE title.
    pub calling_ae: String,
    /// (0000,0002) as announced; the data set may say something else.
    pub sop_class_uid: String,
    /// (0000,1000) as announced.
    pub sop_instance_uid: String,
    /// As negotiated.
    pub transfer_syntax_uid: String,
    /// The data set as received.
    pub dataset: Bytes,
}

/// Decides about received objects.
pub trait StoreHandler: Send + Sync + 'static {
    /// Stores an object; success only when it is durable.
    fn store(&self, request: StoreRequest) -> impl Future<Output = Status> + Send;

    /// Tells that an association ended, however it did.
    fn association_ended(&self, association: u64) -> impl Future<Output = ()> + Send {
        let _ = association;
        async {}
    }

    /// Tells that somebody was not let in: the title under which they called, if it is one, and the code of the reason.
    fn association_refused(
        &self,
        calling_ae: Option<String>,
        reason: &'static str,
    ) -> impl Future<Output = ()> + Send {
        let _ = (calling_ae, reason);
        async {}
    }
}

struct Port<H> {
    config: Config,
    handler: Arc<H>,
    door: Arc<Door>,
    held_bytes: AtomicU64,
}

/// Serves the port until `shutdown` completes; messages under way are finished, then associations are aborted.
pub async fn serve<H: StoreHandler>(
    listener: TcpListener,
    config: Config,
    handler: Arc<H>,
    shutdown: impl Future<Output = ()> + Send,
) {
    let door = Arc::new(Door::new(&config));
    let port = Arc::new(Port { config, handler, door, held_bytes: AtomicU64::new(0) });
    let (closing, closed) = watch::channel(false);
    let mut associations = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    associations.spawn(Arc::clone(&port).welcome(stream, peer, closed.clone()));
                }
                Err(error) => {
                    tracing::warn!(event = "dicom.accept_failed", error = %error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(ended) = associations.join_next() => report(ended),
        }
    }
    drop(listener);
    // Nobody listening any more is fine: then no association is left.
    let _ = closing.send(true);
    while let Some(ended) = associations.join_next().await {
        report(ended);
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(event = "dicom.association_panicked", error = %error, "an association ended in a panic");
    }
}

impl<H: StoreHandler> Port<H> {
    async fn welcome(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, closed: watch::Receiver<bool>) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(event = "dicom.nodelay_failed", error = %error, "small answers may be slow");
        }
        match self.door.enter(canonical(peer.ip())) {
            Some(pass) => self.serve_one(stream, pass, closed).await,
            None => self.turn_away(stream).await,
        }
    }

    async fn turn_away(&self, stream: TcpStream) {
        tracing::warn!(
            event = "dicom.port_full",
            "an association was turned away: every one of them is at work"
        );
        let mut connection =
            Connection::new(Box::new(stream), self.config.pdu_bytes_max, Duration::from_secs(1));
        // The request is read first, or the rejection would be lost in the reset of the connection.
        let Ok(Incoming::Control(_, body)) = connection.read(Duration::from_secs(1)).await else { return };
        self.handler.association_refused(negotiate::calling_ae(&body), "no_room").await;
        if connection.send(&Pdu::AssociationRJ(negotiate::want_of_room())).await.is_ok() {
            connection.close().await;
        }
    }

    async fn serve_one(&self, stream: TcpStream, pass: Pass, mut closed: watch::Receiver<bool>) {
        let opening = tokio::time::timeout(self.config.pdu_timeout, self.secure(stream));
        let Ok(Ok(stream)) = opening.await else {
            tracing::info!(event = "dicom.tls_failed", "a connection failed before the association");
            return;
        };
        let mut connection = Connection::new(stream, self.config.pdu_bytes_max, self.config.pdu_timeout);
        let mut assembler = Assembler::new(self.config.instance_bytes_max);
        let outcome = {
            let work = self.associate(&mut connection, &mut assembler, &pass);
            tokio::select! {
                outcome = work => outcome,
                () = pass.gives_way() => Err(Error::Protocol("it did nothing while others waited")),
                // A message under way ends with its answer: see `associate`.
                () = until_idle(&mut closed, &pass) => Err(Error::Protocol("the port closes")),
            }
        };
        self.held_bytes.fetch_sub(assembler.held_bytes(), Ordering::Relaxed);
        match outcome {
            Ok(()) => connection.close().await,
            Err(error) => {
                tracing::info!(event = "dicom.association_ended", association.id = pass.id(), reason = %error, "an association ended without release");
                connection.abort(reason(&error)).await;
            }
        }
        self.handler.association_ended(pass.id()).await;
    }

    async fn secure(&self, stream: TcpStream) -> std::io::Result<Box<dyn Stream>> {
        Ok(match &self.config.tls {
            Some(tls) => {
                let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(tls));
                Box::new(acceptor.accept(stream).await?)
            }
            None => Box::new(stream),
        })
    }

    async fn associate(
        &self,
        connection: &mut Connection,
        assembler: &mut Assembler,
        pass: &Pass,
    ) -> Result<(), Error> {
        let Incoming::Control(Pdu::AssociationRQ(request), body) =
            connection.read(self.config.pdu_timeout).await?
        else {
            return Err(Error::Protocol("the first PDU isn't an association request"));
        };
        let contexts = match negotiate(&self.config, &request, &body) {
            Ok(contexts) => contexts,
            Err(rejection) => {
                tracing::info!(event = "dicom.association_rejected", "an association was rejected");
                let calling_ae = negotiate::calling_ae(&body);
                self.handler.association_refused(calling_ae, negotiate::reason_code(&rejection)).await;
                return connection.send(&Pdu::AssociationRJ(rejection)).await;
            }
        };
        connection.set_peer_limit(contexts.peer_pdu_bytes_max)?;
        connection.send(&contexts.acceptance).await?;
        pass.progress();
        loop {
            let limit =
                if assembler.is_in_message() { self.config.pdu_timeout } else { self.config.idle_timeout };
            match connection.read(limit).await? {
                Incoming::Control(Pdu::ReleaseRQ, _) => return connection.send(&Pdu::ReleaseRP).await,
                Incoming::Control(..) => return Err(Error::Protocol("a PDU out of turn")),
                Incoming::Data(pdvs) => {
                    for pdv in pdvs {
                        let held = assembler.held_bytes();
                        let message = assembler.take(&pdv)?;
                        self.account(assembler, held);
                        if let Some(message) = message {
                            let _at_work = pass.at_work();
                            self.answer(connection, &contexts, (message, pass.id())).await?;
                        }
                    }
                    pass.progress();
                }
            }
        }
    }

    /// Keeps count of the bytes held over all associations, and drops an object that would exceed them.
    fn account(&self, assembler: &mut Assembler, before: u64) {
        let after = assembler.held_bytes();
        if after < before {
            self.held_bytes.fetch_sub(before - after, Ordering::Relaxed);
            return;
        }
        let held = self.held_bytes.fetch_add(after - before, Ordering::Relaxed) + after - before;
        if held > self.config.held_bytes_max {
            assembler.drop_dataset();
            self.held_bytes.fetch_sub(after, Ordering::Relaxed);
        }
    }

    async fn answer(
        &self,
        connection: &mut Connection,
        contexts: &Contexts,
        (message, association): (Message, u64),
    ) -> Result<(), Error> {
        let Some(accepted) = contexts.accepted.get(&message.context) else {
            return Err(Error::Protocol("a message in a presentation context that wasn't accepted"));
        };
        let command = &message.command;
        let status = match (command.field(), message.dataset) {
            (C_ECHO_RQ, _) => Status::success(),
            (C_STORE_RQ, DataSet::Whole(dataset)) => {
                let request = StoreRequest {
                    association,
                    calling_ae: contexts.calling_ae.clone(),
                    sop_class_uid: command.sop_class_uid(),
                    sop_instance_uid: command.sop_instance_uid(),
                    transfer_syntax_uid: accepted.transfer_syntax_uid.clone(),
                    dataset,
                };
                self.handler.store(request).await
            }
            (C_STORE_RQ, DataSet::TooLong) => {
                Status::failure(OUT_OF_RESOURCES, "the object is too large to be taken")
            }
            (C_STORE_RQ, DataSet::Absent) => {
                Status::failure(CANNOT_UNDERSTAND, "the request has no data set")
            }
            _ => Status::failure(UNRECOGNIZED_OPERATION, "only C-ECHO and C-STORE are served here"),
        };
        connection.send_message(message.context, &command.response(&status).encode(), None).await
    }
}

/// Completes when the port closes and the association is between messages.
async fn until_idle(closed: &mut watch::Receiver<bool>, pass: &Pass) {
    // The sender lives as long as the port.
    if closed.wait_for(|closing| *closing).await.is_err() {
        return;
    }
    pass.idle().await;
}

fn reason(error: &Error) -> AbortRQServiceProviderReason {
    match error {
        Error::Protocol("a PDU of unknown type") => AbortRQServiceProviderReason::UnrecognizedPdu,
        Error::Protocol("a PDU out of turn") => AbortRQServiceProviderReason::UnexpectedPdu,
        Error::Protocol(_) => AbortRQServiceProviderReason::InvalidPduParameter,
        _ => AbortRQServiceProviderReason::ReasonNotSpecified,
    }
}

/// An IPv4 address that arrives through an IPv6 socket counts as the same peer.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}
