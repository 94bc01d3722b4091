//! Sites, their versions, and whose a sender is.

use super::promotion::person;
use super::{from_json, from_text, to_json, told};
use crate::Error;
use crate::entity::{deployment, site, site_sender, site_version};
use crate::scanners::{self, Sites};
use contract::event::SiteChanged;
use contract::rollout::{Scanner, Site, SiteVersion};
use contract::{Actor, Digest, Event, Refusal, SiteId, Time};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use std::collections::{BTreeSet, HashMap};

/// The sites that are registered now.
pub(crate) async fn sites_in_force(db: &impl ConnectionTrait) -> Result<Sites, Error> {
    let rows = site::Entity::find().filter(site::Column::IsRegistered.eq(true)).all(db).await?;
    rows.into_iter().map(|row| Ok((row.name, from_json("scanners", &row.scanners)?))).collect()
}

/// Every site that is or was registered, by name.
pub(crate) async fn site_list(db: &impl ConnectionTrait) -> Result<Vec<Site>, Error> {
    let rows = site::Entity::find().order_by_asc(site::Column::Name).all(db).await?;
    let versions = site_version::Entity::find().order_by_desc(site_version::Column::Version).all(db).await?;
    let mut of_site: HashMap<String, Vec<site_version::Model>> = HashMap::new();
    for version in versions {
        of_site.entry(version.site.clone()).or_default().push(version);
    }
    rows.into_iter().map(|row| assembled(of_site.remove(&row.id).unwrap_or_default(), row)).collect()
}

/// One site.
pub(crate) async fn site_load(db: &impl ConnectionTrait, id: &SiteId) -> Result<Option<Site>, Error> {
    let Some(row) = site::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    let versions = site_version::Entity::find()
        .filter(site_version::Column::Site.eq(id.as_str()))
        .order_by_desc(site_version::Column::Version)
        .all(db)
        .await?;
    assembled(versions, row).map(Some)
}

fn assembled(versions: Vec<site_version::Model>, row: site::Model) -> Result<Site, Error> {
    Ok(Site {
        id: from_text("site id", row.id)?,
        name: row.name,
        scanners: from_json("scanners", &row.scanners)?,
        is_registered: row.is_registered,
        versions: versions.into_iter().map(version_of).collect::<Result<_, Error>>()?,
    })
}

fn version_of(row: site_version::Model) -> Result<SiteVersion, Error> {
    let differing = row.differing.zip(row.looked_at);
    Ok(SiteVersion {
        version: row.version.cast_unsigned(),
        scanners: from_json("scanners", &row.scanners)?,
        is_registered: row.is_registered,
        difference: from_json("difference", &row.difference)?,
        changed_by: row.changed_by_name,
        changed_at: row.changed_at,
        reason: row.reason,
        differing: differing.map(|(count, of)| (count.cast_unsigned(), of.cast_unsigned())),
    })
}

/// A version of a site that may be put in force.
pub(crate) struct NewSite {
    pub(crate) name: String,
    /// Its scanners; none where it is removed.
    pub(crate) scanners: Vec<Scanner>,
    pub(crate) difference: Vec<String>,
    /// How many of how many series are routed otherwise from now on.
    pub(crate) differing: Option<(u32, u32)>,
    pub(crate) reason: String,
    pub(crate) follows: u32,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
}

impl NewSite {
    fn is_registered(&self) -> bool {
        !self.scanners.is_empty()
    }
}

/// Puts a version in force, unless another came between, another site took one of its senders, or a deployment names the
/// site that would be removed.
pub(crate) async fn site_save(db: &DatabaseConnection, random: &Random, new: NewSite) -> Result<Site, Error> {
    let random = random.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            let id = SiteId::of_name(&new.name);
            if !new.is_registered() {
                check_unused(txn, &new.name).await?;
            }
            put_in_force(txn, &id, &new).await?;
            version_add(txn, &id, &new).await?;
            senders_replace(txn, &id, &new).await?;
            let event = Event::SiteChanged(SiteChanged {
                site: id.clone(),
                version: new.follows + 1,
                is_registered: new.is_registered(),
                content: Digest::of(to_json(&new.scanners).to_string().as_bytes()),
            });
            outbox::append(txn, told(&random, new.at, new.actor, &id, event)).await?;
            Ok(site_load(txn, &id).await?.expect("it was written in this transaction"))
        })
    })
    .await
}

async fn check_unused(txn: &DatabaseTransaction, name: &str) -> Result<(), Error> {
    let rows = deployment::Entity::find()
        .filter(deployment::Column::Site.eq(name))
        .order_by_asc(deployment::Column::Name)
        .all(txn)
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = rows.into_iter().map(|row| row.name).collect();
    Err(scanners::in_use(name, &names).into())
}

async fn put_in_force(txn: &DatabaseTransaction, id: &SiteId, new: &NewSite) -> Result<(), Error> {
    let row = site::ActiveModel {
        id: Set(id.to_string()),
        name: Set(new.name.clone()),
        is_registered: Set(new.is_registered()),
        scanners: Set(to_json(&new.scanners)),
    };
    let replaced = OnConflict::column(site::Column::Id)
        .update_columns([site::Column::IsRegistered, site::Column::Scanners])
        .to_owned();
    site::Entity::insert(row).on_conflict(replaced).exec_without_returning(txn).await?;
    Ok(())
}

async fn version_add(txn: &DatabaseTransaction, id: &SiteId, new: &NewSite) -> Result<(), Error> {
    let newest = site_version::Entity::find()
        .filter(site_version::Column::Site.eq(id.as_str()))
        .order_by_desc(site_version::Column::Version)
        .one(txn)
        .await?;
    let newest = newest.map_or(0, |row| row.version.cast_unsigned());
    if newest != new.follows {
        return Err(overtaken(newest).into());
    }
    let (user, name) = person(&new.actor);
    let row = site_version::ActiveModel {
        site: Set(id.to_string()),
        version: Set((new.follows + 1).cast_signed()),
        is_registered: Set(new.is_registered()),
        scanners: Set(to_json(&new.scanners)),
        difference: Set(to_json(&new.difference)),
        changed_by: Set(user),
        changed_by_name: Set(name),
        changed_at: Set(new.at),
        reason: Set(new.reason.clone()),
        differing: Set(new.differing.map(|(count, _)| count.cast_signed())),
        looked_at: Set(new.differing.map(|(_, of)| of.cast_signed())),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted = site_version::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    if inserted == 0 { Err(overtaken(new.follows + 1).into()) } else { Ok(()) }
}

async fn senders_replace(txn: &DatabaseTransaction, id: &SiteId, new: &NewSite) -> Result<(), Error> {
    site_sender::Entity::delete_many().filter(site_sender::Column::Site.eq(id.as_str())).exec(txn).await?;
    let senders: BTreeSet<&String> = new.scanners.iter().map(|scanner| &scanner.sender).collect();
    for sender in senders {
        let row = site_sender::ActiveModel { sender: Set(sender.clone()), site: Set(id.to_string()) };
        let once = OnConflict::new().do_nothing().to_owned();
        let inserted = site_sender::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
        if inserted == 0 {
            return Err(scanners::sender_taken(sender, &owner_of(txn, sender).await?).into());
        }
    }
    Ok(())
}

/// The name of the site that a sender belongs to.
async fn owner_of(txn: &DatabaseTransaction, sender: &str) -> Result<String, Error> {
    let Some(row) = site_sender::Entity::find_by_id(sender).one(txn).await? else {
        return Ok("another site".to_owned());
    };
    let site = site::Entity::find_by_id(row.site).one(txn).await?;
    Ok(site.map_or_else(|| "another site".to_owned(), |site| site.name))
}

fn overtaken(version: u32) -> Refusal {
    Refusal::new(
        "site_overtaken",
        format!("version {version} of the site was put in force meanwhile"),
        "look at the scanners in force and change those",
    )
}
