//! PDUs over a stream, with limits on everything: what both sides of an association stand on.
//!
//! P-DATA is taken apart here without copying; the other PDUs are parsed by the library, once their length is known
//! to be within limits, and a panic of the library counts as a malformed PDU.
//!
//! # Source
//! PS3.8 chapter 9.3.

use bytes::{Buf as _, Bytes, BytesMut};
use dicom_ul::pdu::{
    AbortRQServiceProviderReason, AbortRQSource, MAXIMUM_PDU_SIZE, Pdu, read_pdu, write_pdu,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const HEADER: usize = 6;
/// Bytes of a P-DATA-TF PDU that aren't payload: item length, context and control header.
const PDV_HEADER: usize = 6;
/// PDUs other than P-DATA: 128 contexts with 32 transfer syntaxes each stay below.
const CONTROL_BYTES_MAX: usize = 512 * 1024;
/// We never send larger PDUs, whatever the peer would take.
const SENT_PDU_BYTES_MAX: usize = 256 * 1024;
/// A peer that takes less can't be talked to.
const PEER_PDU_BYTES_MIN: usize = 64;
const P_DATA: u8 = 0x04;

/// A byte stream to a peer, plain or TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// The connection below.
    fn tcp(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Stream for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

impl Stream for tokio_rustls::client::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Has what has come so far acknowledged at once. Many peers send a message in several small pieces with Nagle's
/// algorithm on: they hold the next piece back until the last one is acknowledged, which by default takes 40 ms, an
/// object.
fn acknowledge(stream: &dyn Stream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = stream.tcp().set_quickack(true) {
        tracing::debug!(event = "dicom.quickack_failed", error = %error, "small pieces may come slowly");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

/// Why a connection can't go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing came, or nothing could be sent, in time.
    #[error("no progress within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The peer went away without release.
    #[error("the peer closed the connection")]
    Closed,
    /// The stream failed.
    #[error("the connection failed")]
    Io(#[source] std::io::Error),
    /// The peer broke the protocol.
    #[error("the peer broke the protocol: {0}")]
    Protocol(&'static str),
    /// The peer aborted the association.
    #[error("the peer aborted the association")]
    Aborted,
}

/// One piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pdv {
    pub(crate) context: u8,
    pub(crate) is_command: bool,
    pub(crate) is_last: bool,
    pub(crate) data: Bytes,
}

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    Data(Vec<Pdv>),
    /// Any other PDU, with its bytes after the header.
    Control(Pdu, Bytes),
}

/// A connection to a peer.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    buffer: BytesMut,
    data_bytes_max: usize,
    payload_bytes_max: usize,
    write_timeout: Duration,
}

impl Connection {
    /// Wraps a stream; P-DATA PDUs longer than `data_bytes_max` are refused.
    pub(crate) fn new(stream: Box<dyn Stream>, data_bytes_max: u32, write_timeout: Duration) -> Self {
        let data_bytes_max = data_bytes_max as usize;
        let buffer = BytesMut::with_capacity(HEADER + data_bytes_max.min(64 * 1024));
        Self { stream, buffer, data_bytes_max, payload_bytes_max: 0, write_timeout }
    }

    /// Notes the longest PDU that the peer takes; 0 means any length.
    pub(crate) fn set_peer_limit(&mut self, pdu_bytes_max: u32) -> Result<(), Error> {
        let limit = if pdu_bytes_max == 0 { SENT_PDU_BYTES_MAX } else { pdu_bytes_max as usize };
        if limit < PEER_PDU_BYTES_MIN {
            return Err(Error::Protocol("the peer takes no PDU of useful length"));
        }
        self.payload_bytes_max = limit.min(SENT_PDU_BYTES_MAX) - PDV_HEADER;
        Ok(())
    }

    /// Reads one PDU; all of it has to come within `limit`.
    pub(crate) async fn read(&mut self, limit: Duration) -> Result<Incoming, Error> {
        timeout(limit, self.read_whole()).await.map_err(|_| Error::Timeout(limit))?
    }

    async fn read_whole(&mut self) -> Result<Incoming, Error> {
        self.fill(HEADER).await?;
        let kind = self.buffer[0];
        let length =
            u32::from_be_bytes(self.buffer[2..HEADER].try_into().expect("four bytes are a length")) as usize;
        if !(0x01..=0x07).contains(&kind) {
            return Err(Error::Protocol("a PDU of unknown type"));
        }
        let limit = if kind == P_DATA { self.data_bytes_max } else { CONTROL_BYTES_MAX };
        if length > limit {
            return Err(Error::Protocol("a PDU is longer than allowed"));
        }
        self.fill(HEADER + length).await?;
        let pdu = self.buffer.split_to(HEADER + length).freeze();
        let body = pdu.slice(HEADER..);
        if kind == P_DATA {
            return pdvs(body).map(Incoming::Data);
        }
        // The library reads from a copy: its parser may panic on short items.
        match catch_unwind(AssertUnwindSafe(|| read_pdu(&pdu[..], MAXIMUM_PDU_SIZE, false))) {
            Ok(Ok(Some(Pdu::AbortRQ { .. }))) => Err(Error::Aborted),
            Ok(Ok(Some(control))) => Ok(Incoming::Control(control, body)),
            _ => Err(Error::Protocol("a PDU is malformed")),
        }
    }

    async fn fill(&mut self, wanted: usize) -> Result<(), Error> {
        while self.buffer.len() < wanted {
            self.buffer.reserve(wanted - self.buffer.len());
            // The kernel forgets it after a while.
            acknowledge(&*self.stream);
            if self.stream.read_buf(&mut self.buffer).await.map_err(Error::Io)? == 0 {
                return Err(Error::Closed);
            }
        }
        Ok(())
    }

    /// Sends a PDU other than P-DATA.
    pub(crate) async fn send(&mut self, pdu: &Pdu) -> Result<(), Error> {
        let mut bytes = Vec::with_capacity(1024);
        write_pdu(&mut bytes, pdu).map_err(|_| Error::Protocol("a PDU of ours can't be written"))?;
        self.write(&bytes).await
    }

    /// Sends a message: the command, then the data set if there is one.
    pub(crate) async fn send_message(
        &mut self,
        context: u8,
        command: &[u8],
        dataset: Option<&[u8]>,
    ) -> Result<(), Error> {
        let mut bytes = Vec::with_capacity(SENT_PDU_BYTES_MAX);
        for (is_command, content) in std::iter::once((true, command)).chain(dataset.map(|data| (false, data)))
        {
            let pieces = content.len().div_ceil(self.payload_bytes_max).max(1);
            for piece in 0..pieces {
                let start = piece * self.payload_bytes_max;
                let end = content.len().min(start + self.payload_bytes_max);
                let header = u8::from(is_command) | (u8::from(piece + 1 == pieces) << 1);
                let payload = (end - start + 2) as u32;
                bytes.extend_from_slice(&[P_DATA, 0]);
                bytes.extend_from_slice(&(payload + 4).to_be_bytes());
                bytes.extend_from_slice(&payload.to_be_bytes());
                bytes.extend_from_slice(&[context, header]);
                bytes.extend_from_slice(&content[start..end]);
                if bytes.len() >= SENT_PDU_BYTES_MAX {
                    self.write(&bytes).await?;
                    bytes.clear();
                }
            }
        }
        self.write(&bytes).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let limit = self.write_timeout;
        let write = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(limit, write).await.map_err(|_| Error::Timeout(limit))?.map_err(Error::Io)
    }

    /// Tells the peer that the association is over, as far as it still listens.
    pub(crate) async fn abort(&mut self, reason: AbortRQServiceProviderReason) {
        let source = AbortRQSource::ServiceProvider(reason);
        if self.send(&Pdu::AbortRQ { source }).await.is_ok() {
            self.close().await;
        }
    }

    /// Closes our half of the stream, so that what was sent still arrives.
    pub(crate) async fn close(&mut self) {
        let closed = timeout(self.write_timeout, self.stream.shutdown()).await;
        if !matches!(closed, Ok(Ok(()))) {
            tracing::debug!(
                event = "dicom.close_failed",
                "the peer was gone before the connection was closed"
            );
        }
    }
}

fn pdvs(mut body: Bytes) -> Result<Vec<Pdv>, Error> {
    let mut pdvs = Vec::new();
    while body.has_remaining() {
        if body.remaining() < PDV_HEADER {
            return Err(Error::Protocol("a PDV breaks off"));
        }
        let length = body.get_u32() as usize;
        if length < 2 || length > body.remaining() {
            return Err(Error::Protocol("a PDV has an impossible length"));
        }
        let (context, header) = (body.get_u8(), body.get_u8());
        let data = body.split_to(length - 2);
        pdvs.push(Pdv { context, is_command: header & 1 == 1, is_last: header & 2 == 2, data });
    }
    Ok(pdvs)
}
