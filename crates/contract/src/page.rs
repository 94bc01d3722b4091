//! Pages of a list: a stable cursor, never an offset.

use serde::{Deserialize, Serialize};

/// The most items one page carries.
pub const PAGE_SIZE_MAX: u32 = 100;

/// Which page is wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PageRequest {
    /// How many items at most; 25 when absent, never over [`PAGE_SIZE_MAX`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
    /// The cursor after which the page starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl PageRequest {
    /// The number of items to load, within limits.
    pub fn limit(&self) -> u64 {
        u64::from(self.first.unwrap_or(25).clamp(1, PAGE_SIZE_MAX))
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items, each with the cursor that continues after it.
    pub items: Vec<Item<T>>,
    /// Whether more follow.
    pub has_next_page: bool,
}

/// An item of a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item<T> {
    /// The cursor that continues after this item.
    pub cursor: String,
    /// The item.
    pub node: T,
}

impl<T> Page<T> {
    /// Builds a page from up to `limit + 1` rows: the surplus row only tells that more follow.
    pub fn from_rows(mut rows: Vec<T>, limit: u64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_next_page = rows.len() > limit;
        rows.truncate(limit);
        let items = rows.into_iter().map(|node| Item { cursor: cursor(&node), node }).collect();
        Self { items, has_next_page }
    }
}
