//! Tables of intake: studies, series, instances, quarantine, accesses, corrections.
//!
//! The keys carry what no code may break: an instance, a series and a study exist once under their UID, and the same
//! unusable bytes are kept once per reason however often a sender repeats them.

mod claims;
mod fields;
mod life;
mod patients;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, double_null, integer, integer_null, json_binary, json_binary_null, string,
    string_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Received),
        Box::new(Kept),
        Box::new(Proven),
        Box::new(claims::Claims),
        Box::new(claims::Identities),
        Box::new(RequestedPriorities),
        Box::new(life::Life),
        Box::new(patients::Patients),
        Box::new(fields::FieldStrengths),
        Box::new(patients::Accessions),
        Box::new(fields::InputStatistics),
    ]
}

#[derive(DeriveIden)]
enum Study {
    Table,
    Id,
    StudyInstanceUid,
    PatientName,
    PatientId,
    PatientIssuer,
    PatientBirthDate,
    PatientSex,
    StudyDate,
    StudyTime,
    AccessionNumber,
    StudyDescription,
    ReceivedAt,
    IdentityDisputed,
}

#[derive(DeriveIden)]
enum Series {
    Table,
    Id,
    Study,
    SeriesInstanceUid,
    Modality,
    BodyPartExamined,
    ProtocolName,
    SeriesDescription,
    SeriesNumber,
    ImageType,
    Manufacturer,
    ManufacturerModelName,
    ConvolutionKernel,
    SliceThicknessMm,
    RequestedProcedurePriority,
    Rows,
    Columns,
    Sender,
    Ours,
    InstanceCount,
    State,
    ParkedCode,
    ParkedReason,
    SourceSet,
    Volume,
    Padding,
    ReceivedAt,
    ChangedAt,
    AssociationClosed,
    Trace,
    Version,
}

#[derive(DeriveIden)]
enum Instance {
    Table,
    SopInstanceUid,
    Series,
    SopClassUid,
    Digest,
    Object,
    TransferSyntaxUid,
    InstanceNumber,
    ImageType,
    Image,
    Slice,
    Bytes,
    ReceivedAt,
    ProvenAt,
    Lost,
}

struct Received;

impl MigrationName for Received {
    fn name(&self) -> &'static str {
        "intake_0001_received"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Received {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(study()).await?;
        let newest = Index::create()
            .name("study_newest")
            .table(Study::Table)
            .col(Study::ReceivedAt)
            .col(Study::Id)
            .to_owned();
        manager.create_index(newest).await?;
        manager.create_table(series()).await?;
        let of_study =
            Index::create().name("series_study").table(Series::Table).col(Series::Study).to_owned();
        manager.create_index(of_study).await?;
        let waiting = Index::create()
            .name("series_waiting")
            .table(Series::Table)
            .col(Series::State)
            .col(Series::ChangedAt)
            .to_owned();
        manager.create_index(waiting).await?;
        manager.create_table(instance()).await?;
        let of_series =
            Index::create().name("instance_series").table(Instance::Table).col(Instance::Series).to_owned();
        manager.create_index(of_series).await
    }
}

fn study() -> TableCreateStatement {
    Table::create()
        .table(Study::Table)
        .col(string(Study::Id).primary_key())
        .col(string(Study::StudyInstanceUid).unique_key())
        .col(text(Study::PatientName))
        .col(text(Study::PatientId))
        .col(text(Study::PatientIssuer))
        .col(text(Study::PatientBirthDate))
        .col(text(Study::PatientSex))
        .col(text(Study::StudyDate))
        .col(text(Study::StudyTime))
        .col(text(Study::AccessionNumber))
        .col(text(Study::StudyDescription))
        .col(timestamp_with_time_zone(Study::ReceivedAt))
        .col(boolean(Study::IdentityDisputed))
        .to_owned()
}

fn series() -> TableCreateStatement {
    Table::create()
        .table(Series::Table)
        .col(string(Series::Id).primary_key())
        .col(string(Series::Study))
        .col(string(Series::SeriesInstanceUid).unique_key())
        .col(text(Series::Modality))
        .col(text(Series::BodyPartExamined))
        .col(text(Series::ProtocolName))
        .col(text(Series::SeriesDescription))
        .col(integer_null(Series::SeriesNumber))
        .col(json_binary(Series::ImageType))
        .col(text(Series::Manufacturer))
        .col(text(Series::ManufacturerModelName))
        .col(text(Series::ConvolutionKernel))
        .col(double_null(Series::SliceThicknessMm))
        .col(integer(Series::Rows))
        .col(integer(Series::Columns))
        .col(text(Series::Sender))
        .col(boolean(Series::Ours))
        .col(integer(Series::InstanceCount))
        .col(string(Series::State))
        .col(string_null(Series::ParkedCode))
        .col(text_null(Series::ParkedReason))
        .col(string_null(Series::SourceSet))
        .col(string_null(Series::Volume))
        .col(double_null(Series::Padding))
        .col(timestamp_with_time_zone(Series::ReceivedAt))
        .col(timestamp_with_time_zone(Series::ChangedAt))
        .col(boolean(Series::AssociationClosed))
        .col(text_null(Series::Trace))
        .col(big_integer(Series::Version))
        .check(Expr::col(Series::State).is_in(["receiving", "ready", "parked"]))
        // A ready series has a volume and the set it was made of; a parked one has a reason.
        .check(
            Expr::col(Series::State)
                .ne("ready")
                .or(Expr::col(Series::SourceSet).is_not_null().and(Expr::col(Series::Volume).is_not_null())),
        )
        .check(Expr::col(Series::State).ne("parked").or(Expr::col(Series::ParkedReason).is_not_null()))
        .foreign_key(ForeignKey::create().from(Series::Table, Series::Study).to(Study::Table, Study::Id))
        .to_owned()
}

fn instance() -> TableCreateStatement {
    Table::create()
        .table(Instance::Table)
        .col(string(Instance::SopInstanceUid).primary_key())
        .col(string(Instance::Series))
        .col(string(Instance::SopClassUid))
        .col(string(Instance::Digest))
        .col(string(Instance::Object))
        .col(string(Instance::TransferSyntaxUid))
        .col(integer_null(Instance::InstanceNumber))
        .col(json_binary(Instance::ImageType))
        .col(json_binary_null(Instance::Image))
        .col(integer_null(Instance::Slice))
        .col(big_integer(Instance::Bytes))
        .col(timestamp_with_time_zone(Instance::ReceivedAt))
        .foreign_key(
            ForeignKey::create().from(Instance::Table, Instance::Series).to(Series::Table, Series::Id),
        )
        .to_owned()
}

#[derive(DeriveIden)]
enum Quarantine {
    Table,
    Id,
    Object,
    ReasonCode,
    Reason,
    Remedy,
    Sender,
    Bytes,
    ReceivedAt,
}

#[derive(DeriveIden)]
enum Access {
    Table,
    UserId,
    Series,
    Login,
    AccessedAt,
}

struct Kept;

impl MigrationName for Kept {
    fn name(&self) -> &'static str {
        "intake_0002_kept"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Kept {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let quarantine = Table::create()
            .table(Quarantine::Table)
            .col(string(Quarantine::Id).primary_key())
            .col(string(Quarantine::Object))
            .col(string(Quarantine::ReasonCode))
            .col(text(Quarantine::Reason))
            .col(text(Quarantine::Remedy))
            .col(text(Quarantine::Sender))
            .col(big_integer(Quarantine::Bytes))
            .col(timestamp_with_time_zone(Quarantine::ReceivedAt))
            .index(Index::create().unique().col(Quarantine::Object).col(Quarantine::ReasonCode))
            .to_owned();
        manager.create_table(quarantine).await?;
        let newest = Index::create()
            .name("quarantine_newest")
            .table(Quarantine::Table)
            .col(Quarantine::ReceivedAt)
            .col(Quarantine::Id)
            .to_owned();
        manager.create_index(newest).await?;
        let access = Table::create()
            .table(Access::Table)
            .col(string(Access::UserId))
            .col(string(Access::Series))
            .col(string(Access::Login))
            .col(timestamp_with_time_zone(Access::AccessedAt))
            .primary_key(Index::create().col(Access::UserId).col(Access::Series).col(Access::Login))
            .to_owned();
        manager.create_table(access).await
    }
}

/// Instances remember when their bytes were last read and found whole.
struct Proven;

impl MigrationName for Proven {
    fn name(&self) -> &'static str {
        "intake_0003_proven"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Proven {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in
            [timestamp_with_time_zone_null(Instance::ProvenAt), boolean(Instance::Lost).default(false).take()]
        {
            let alter = Table::alter().table(Instance::Table).add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        let oldest =
            Index::create().name("instance_proven").table(Instance::Table).col(Instance::ProvenAt).to_owned();
        manager.create_index(oldest).await
    }
}

/// How soon the scanner says that a series is wanted.
struct RequestedPriorities;

impl MigrationName for RequestedPriorities {
    fn name(&self) -> &'static str {
        "intake_0006_requested_priorities"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RequestedPriorities {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text(Series::RequestedProcedurePriority).default("").take();
        let priority = Table::alter().table(Series::Table).add_column(column).to_owned();
        manager.alter_table(priority).await
    }
}
