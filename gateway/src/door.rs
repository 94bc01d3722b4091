//! What every request at the door shares, and what is known of one request.

use crate::auth::passkeys::{Over, Passkeys};
use crate::auth::{Components, Logins, Proof, Viewer, cookie};
use crate::changes::Changes;
use crate::config::Config;
use crate::dicomweb::Located;
use crate::error::Error;
use crate::record::Displays;
use crate::services::Services;
use crate::users::Users;
use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use contract::RequestId;
use contract::review::PersonalKey;
use database::DatabaseConnection;
use objects::Objects;
use platform::token::{SigningClaims, TokenIssuer};
use platform::{Clock, Random};
use secrecy::SecretString;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// A request that the page makes by itself, and that is no activity of the person: `Countersign-Background: 1`.
const BACKGROUND: &str = "countersign-background";

/// Everything that handlers share.
pub(crate) struct Door {
    pub(crate) config: Config,
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) logins: Logins,
    pub(crate) passkeys: Passkeys,
    pub(crate) users: Users,
    pub(crate) tokens: TokenIssuer,
    pub(crate) services: Services,
    pub(crate) objects: Objects,
    pub(crate) changes: Changes,
    pub(crate) located: Located,
    pub(crate) displays: Displays,
}

/// One request: who asks, and from where.
#[derive(Clone)]
pub(crate) struct Asking {
    pub(crate) door: Arc<Door>,
    pub(crate) request: RequestId,
    pub(crate) viewer: Option<Viewer>,
    pub(crate) address: IpAddr,
    /// Where the page that asks comes from, as its browser says: passkeys belong to it.
    pub(crate) origin: Option<String>,
}

impl Door {
    /// Finds out who sent `request`.
    pub(crate) async fn ask(self: &Arc<Self>, request: &HttpRequest) -> Result<Asking, Error> {
        let id = self.random.with(RequestId::random);
        let address = self.address(request);
        let activity = !request.headers().contains_key(BACKGROUND);
        let viewer = match request.cookie(cookie::NAME) {
            Some(cookie) => self.logins.resume(&SecretString::from(cookie.value()), activity).await?,
            None => None,
        };
        let origin = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
        let origin = origin.filter(|_| self.same_origin(request.headers())).map(str::to_owned);
        Ok(Asking { door: Arc::clone(self), request: id, viewer, address, origin })
    }

    /// Whether a request comes from our own page: browsers say so in `Origin`, everybody else leaves it out.
    pub(crate) fn same_origin(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        if !self.config.public_origin.is_empty() {
            return origin == self.config.public_origin.trim_end_matches('/');
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let of_origin = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some() && of_origin == host
    }

    pub(crate) fn address(&self, request: &HttpRequest) -> IpAddr {
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let peer = request.peer_addr().map_or(unknown, |peer| peer.ip());
        let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
        sender(peer, forwarded, &self.config.trusted_proxies)
    }
}

impl Asking {
    /// The services, called on behalf of the viewer.
    pub(crate) fn services(&self, viewer: &Viewer) -> Services {
        let tokens = self.door.tokens.on_behalf_of(viewer.actor(), self.request.clone());
        self.door.services.acting_as(&tokens)
    }

    /// The services, called with the viewer's right to sign `subject` once within a minute.
    pub(crate) async fn services_for_signing(
        &self,
        viewer: &Viewer,
        subject: &str,
        components: Components,
    ) -> Result<Services, Error> {
        let proof = self.door.logins.prove(viewer, components, self.address).await?;
        Ok(self.signing_as(viewer, subject, proof))
    }

    /// The services, called with the right to sign `subject` once within a minute that the viewer's passkey gave over
    /// exactly what is signed; and what shows it.
    pub(crate) async fn services_for_signing_by_passkey(
        &self,
        viewer: &Viewer,
        subject: &str,
        username: Option<&str>,
        (over, answer): (Over, &str),
    ) -> Result<(Services, PersonalKey), Error> {
        let shown = self.door.passkeys.check(viewer, over, answer).await?;
        let proof = self.door.logins.prove_by_passkey(viewer, username).await?;
        Ok((self.signing_as(viewer, subject, proof), shown))
    }

    fn signing_as(&self, viewer: &Viewer, subject: &str, proof: Proof) -> Services {
        let claims = SigningClaims {
            auth_time: proof.at,
            amr: proof.components,
            subject: subject.to_owned(),
            nonce: self.door.random.with(RequestId::random).to_string(),
        };
        let tokens = self.door.tokens.signing(viewer.actor(), self.request.clone(), claims);
        self.door.services.acting_as(&tokens)
    }
}

/// Who sent a request that `peer` brought. A list of addresses is believed of a trusted proxy only, and of that
/// list only the last one, which the proxy itself has added.
fn sender(peer: IpAddr, forwarded: Option<&str>, trusted_proxies: &[IpAddr]) -> IpAddr {
    let list = forwarded.filter(|_| trusted_proxies.contains(&peer));
    let last = list.and_then(|list| list.rsplit(',').next());
    last.and_then(|address| address.trim().parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_of_a_trusted_proxy_only() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxy = address("10.0.0.1");
        let forwarded = Some("1.1.1.1, 192.168.7.7");
        assert_eq!(sender(proxy, forwarded, &[proxy]), address("192.168.7.7"));
        assert_eq!(sender(address("9.9.9.9"), forwarded, &[proxy]), address("9.9.9.9"));
        assert_eq!(sender(proxy, Some("nonsense"), &[proxy]), proxy);
    }
}
