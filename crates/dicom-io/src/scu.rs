//! Calls a peer: Verification, Storage and queries.

mod find;

pub use find::{Shown, query_contexts};

use crate::dimse::{Assembler, C_ECHO_RQ, C_STORE_RQ, Command, Message, RESPONSE, Status};
use crate::read::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME};
use crate::wire::{self, Connection, Incoming, Stream};
use dicom_dictionary_std::uids;
use dicom_ul::pdu::{
    AbortRQServiceProviderReason, AssociationRQ, Pdu, PresentationContextProposed,
    PresentationContextResultReason, UserVariableItem,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
const PDU_BYTES_MAX: u32 = 131_072;
const CONTEXTS_MAX: usize = 128;

/// Whom to call, and how long to wait.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Name or address of the machine.
    pub host: String,
    /// Port.
    pub port: u16,
    /// AE title of the peer.
    pub called_ae: String,
    /// Our AE title.
    pub calling_ae: String,
    /// TLS, when the peer wants it.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// How long connecting and negotiating may take, each.
    pub connect_timeout: Duration,
    /// How long the peer may take to answer one request.
    pub answer_timeout: Duration,
}

impl Destination {
    /// A plain destination with the usual limits: 10 s to connect, 60 s to answer.
    pub fn new(host: &str, port: u16, called_ae: &str, calling_ae: &str) -> Self {
        Self {
            host: host.to_owned(),
            port,
            called_ae: called_ae.to_owned(),
            calling_ae: calling_ae.to_owned(),
            tls: None,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_mins(1),
        }
    }
}

/// What is proposed: one class of objects and one transfer syntax each, so that the peer's answer is exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// SOP class.
    pub sop_class_uid: String,
    /// Transfer syntax.
    pub transfer_syntax_uid: String,
}

/// Why a peer couldn't be called, or an operation got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody there.
    #[error("can't connect to {host}:{port}")]
    Connect {
        /// Name or address.
        host: String,
        /// Port.
        port: u16,
        /// What went wrong.
        #[source]
        source: std::io::Error,
    },
    /// The peer said no to the association.
    #[error("the peer rejected the association: {0}")]
    Rejected(String),
    /// More contexts than an association can have.
    #[error("{0} presentation contexts are more than an association can have")]
    TooManyContexts(usize),
    /// The peer didn't accept this class in this transfer syntax.
    #[error("the peer takes no objects of class {} in transfer syntax {}", .0.sop_class_uid, .0.transfer_syntax_uid)]
    NotAccepted(Context),
    /// The peer didn't answer the query.
    #[error("the peer refuses the query with status {:04X}: {}", .0.code, .0.comment)]
    Query(Status),
    /// The peer's answer to the query can't be used.
    #[error("the peer's answer to the query can't be used: {0}")]
    Answer(&'static str),
    /// The association broke.
    #[error("the association broke")]
    Wire(#[source] wire::Error),
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Self {
        Self::Wire(error)
    }
}

/// An object to be stored.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// (0008,0016).
    pub sop_class_uid: &'a str,
    /// (0008,0018).
    pub sop_instance_uid: &'a str,
    /// How the data set is encoded.
    pub transfer_syntax_uid: &'a str,
    /// The data set, without group 0002.
    pub dataset: &'a [u8],
}

/// An open association.
pub struct Association {
    connection: Connection,
    accepted: Vec<(u8, Context)>,
    next_message: u16,
    answer_timeout: Duration,
}

impl Association {
    /// Calls a peer.
    ///
    /// # Errors
    /// When it can't be reached or rejects us; contexts that it doesn't accept are no error here, see
    /// [`Association::accepts`].
    pub async fn open(destination: &Destination, contexts: &[Context]) -> Result<Self, Error> {
        if contexts.len() > CONTEXTS_MAX {
            return Err(Error::TooManyContexts(contexts.len()));
        }
        let stream = connect(destination).await?;
        let mut connection = Connection::new(stream, PDU_BYTES_MAX, destination.answer_timeout);
        connection.send(&request(destination, contexts)).await?;
        let answer = connection.read(destination.connect_timeout).await?;
        let acceptance = match answer {
            Incoming::Control(Pdu::AssociationAC(acceptance), _) => acceptance,
            Incoming::Control(Pdu::AssociationRJ(rejection), _) => {
                return Err(Error::Rejected(rejection.source.to_string()));
            }
            _ => return Err(wire::Error::Protocol("the peer answers something else to the request").into()),
        };
        let limit = acceptance.user_variables.iter().find_map(|item| match item {
            UserVariableItem::MaxLength(length) => Some(*length),
            _ => None,
        });
        connection.set_peer_limit(limit.unwrap_or(0))?;
        let accepted = acceptance
            .presentation_contexts
            .into_iter()
            .filter(|result| result.reason == PresentationContextResultReason::Acceptance)
            .filter_map(|result| Some((result.id, contexts.get(usize::from(result.id / 2))?.clone())))
            .collect();
        Ok(Self { connection, accepted, next_message: 1, answer_timeout: destination.answer_timeout })
    }

    /// Whether the peer takes objects of this class in this transfer syntax.
    pub fn accepts(&self, sop_class_uid: &str, transfer_syntax_uid: &str) -> bool {
        self.context(sop_class_uid, transfer_syntax_uid).is_some()
    }

    /// Gives the transfer syntaxes in which the peer takes objects of this class, in the order of the proposal.
    pub fn accepted(&self, sop_class_uid: &str) -> Vec<&str> {
        let of_class = self.accepted.iter().filter(|(_, context)| context.sop_class_uid == sop_class_uid);
        of_class.map(|(_, context)| context.transfer_syntax_uid.as_str()).collect()
    }

    fn context(&self, sop_class_uid: &str, transfer_syntax_uid: &str) -> Option<u8> {
        self.accepted
            .iter()
            .find(|(_, c)| c.sop_class_uid == sop_class_uid && c.transfer_syntax_uid == transfer_syntax_uid)
            .map(|(id, _)| *id)
    }

    /// Sends an object and waits for the peer's status.
    ///
    /// # Errors
    /// When the peer doesn't take it, or the association breaks; a status that says no is no error.
    pub async fn store(&mut self, object: &Object<'_>) -> Result<Status, Error> {
        let context = self.context(object.sop_class_uid, object.transfer_syntax_uid).ok_or_else(|| {
            Error::NotAccepted(Context {
                sop_class_uid: object.sop_class_uid.to_owned(),
                transfer_syntax_uid: object.transfer_syntax_uid.to_owned(),
            })
        })?;
        let message = self.message_id();
        let command = Command::store_request(message, object.sop_class_uid, object.sop_instance_uid);
        self.connection.send_message(context, &command.encode(), Some(object.dataset)).await?;
        self.answer(C_STORE_RQ | RESPONSE, message).await
    }

    /// Asks whether the peer is there.
    ///
    /// # Errors
    /// When Verification wasn't proposed or accepted, or the association breaks.
    pub async fn echo(&mut self) -> Result<Status, Error> {
        let accepted = self.accepted.iter().find(|(_, context)| context.sop_class_uid == uids::VERIFICATION);
        let context =
            accepted.map(|(id, _)| *id).ok_or_else(|| Error::NotAccepted(Context::verification()))?;
        let message = self.message_id();
        self.connection.send_message(context, &Command::echo_request(message).encode(), None).await?;
        self.answer(C_ECHO_RQ | RESPONSE, message).await
    }

    fn message_id(&mut self) -> u16 {
        let id = self.next_message;
        self.next_message = self.next_message.checked_add(1).unwrap_or(1);
        id
    }

    async fn answer(&mut self, field: u16, message: u16) -> Result<Status, Error> {
        let mut assembler = Assembler::new(0);
        loop {
            if let Some(answer) = self.read(&mut assembler).await?.first() {
                return status_of(answer, field, message);
            }
        }
    }

    /// The messages that the next PDU completes.
    async fn read(&mut self, assembler: &mut Assembler) -> Result<Vec<Message>, Error> {
        let Incoming::Data(pdvs) = self.connection.read(self.answer_timeout).await? else {
            return Err(wire::Error::Protocol("a PDU out of turn").into());
        };
        let taken = pdvs.iter().map(|pdv| assembler.take(pdv));
        Ok(taken.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    /// Ends the association in good order.
    ///
    /// # Errors
    /// When the peer doesn't confirm.
    pub async fn release(mut self) -> Result<(), Error> {
        self.connection.send(&Pdu::ReleaseRQ).await?;
        match self.connection.read(self.answer_timeout).await? {
            Incoming::Control(Pdu::ReleaseRP, _) => {
                self.connection.close().await;
                Ok(())
            }
            _ => Err(wire::Error::Protocol("the peer doesn't confirm the release").into()),
        }
    }

    /// Ends the association at once.
    pub async fn abort(mut self) {
        self.connection.abort(AbortRQServiceProviderReason::ReasonNotSpecified).await;
    }
}

impl Context {
    /// One class in one transfer syntax.
    pub fn new(sop_class_uid: &str, transfer_syntax_uid: &str) -> Self {
        Self { sop_class_uid: sop_class_uid.to_owned(), transfer_syntax_uid: transfer_syntax_uid.to_owned() }
    }

    /// Verification, which every peer serves.
    pub fn verification() -> Self {
        Self::new(uids::VERIFICATION, uids::IMPLICIT_VR_LITTLE_ENDIAN)
    }
}

/// The status of an answer, when it is one to what was asked.
fn status_of(answer: &Message, field: u16, message: u16) -> Result<Status, Error> {
    let command = &answer.command;
    if command.field() != field || command.responds_to() != Some(message) {
        return Err(wire::Error::Protocol("an answer to something that wasn't asked").into());
    }
    command.status().ok_or(wire::Error::Protocol("an answer without status").into())
}

async fn connect(destination: &Destination) -> Result<Box<dyn Stream>, Error> {
    let failed = |source| Error::Connect { host: destination.host.clone(), port: destination.port, source };
    let open = async {
        let stream = TcpStream::connect((destination.host.as_str(), destination.port)).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &destination.tls else {
            let stream: Box<dyn Stream> = Box::new(stream);
            return Ok(stream);
        };
        let name = rustls::pki_types::ServerName::try_from(destination.host.clone())
            .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidInput, error))?;
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(tls));
        let stream: Box<dyn Stream> = Box::new(connector.connect(name, stream).await?);
        Ok(stream)
    };
    let limit = destination.connect_timeout;
    timeout(limit, open).await.map_err(|_| Error::Wire(wire::Error::Timeout(limit)))?.map_err(failed)
}

fn request(destination: &Destination, contexts: &[Context]) -> Pdu {
    let presentation_contexts = contexts
        .iter()
        .zip((1..=255_u8).step_by(2))
        .map(|(context, id)| PresentationContextProposed {
            id,
            abstract_syntax: context.sop_class_uid.clone(),
            transfer_syntaxes: vec![context.transfer_syntax_uid.clone()],
        })
        .collect();
    Pdu::AssociationRQ(AssociationRQ {
        protocol_version: 1,
        calling_ae_title: destination.calling_ae.clone(),
        called_ae_title: destination.called_ae.clone(),
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts,
        user_variables: vec![
            UserVariableItem::MaxLength(PDU_BYTES_MAX),
            UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS_UID.to_owned()),
            UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION_NAME.to_owned()),
        ],
    })
}
