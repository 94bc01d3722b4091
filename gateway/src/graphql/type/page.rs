//! Relay connections.

use async_graphql::OutputType;
use async_graphql::connection::{
    Connection, ConnectionNameType, DefaultConnectionName, DefaultEdgeName, Edge, EdgeNameType, EmptyFields,
};
use contract::{Page, PageRequest};

/// A connection of `T`, named as the schema names it.
pub(crate) type Of<T, Name = DefaultConnectionName, EdgeName = DefaultEdgeName> =
    Connection<String, T, EmptyFields, EmptyFields, Name, EdgeName>;

/// The page that a field's arguments ask for.
pub(crate) fn request(first: Option<u32>, after: Option<String>) -> PageRequest {
    PageRequest { first, after }
}

/// How many items a field may bring: what its cost is multiplied by.
pub(crate) fn items(first: Option<u32>) -> usize {
    let request = PageRequest { first, after: None };
    usize::try_from(request.limit()).unwrap_or(usize::MAX)
}

/// A connection over a page, each item shown by `show`.
pub(crate) fn connection<T, N, Name, EdgeName>(
    page: Page<T>,
    continued: bool,
    show: impl Fn(T) -> N,
) -> Of<N, Name, EdgeName>
where
    N: OutputType,
    Name: ConnectionNameType,
    EdgeName: EdgeNameType,
{
    let mut connection = Connection::new(continued, page.has_next_page);
    connection.edges.extend(page.items.into_iter().map(|item| Edge::new(item.cursor, show(item.node))));
    connection
}
