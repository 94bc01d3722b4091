//! How the list of events becomes an enum.

/// Writes the enum and its names on the wire from one list.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $kind:literal => $name:ident $payload:tt,)+) => {
        /// Every fact that a service tells. One emitter each; `audit` takes all of them.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "payload")]
        #[expect(missing_docs, reason = "a field that is just what its name says needs no words")]
        pub enum Event {
            $(
                $(#[doc = $doc])+
                #[serde(rename = $kind)]
                $name $payload,
            )+
        }

        impl Event {
            /// The `type` on the wire, which is also the routing key.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $kind,)+
                }
            }
        }
    };
}
