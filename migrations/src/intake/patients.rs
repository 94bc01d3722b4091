//! Studies are found by their patient, whose earlier images stand beside new ones, and by their accession number, under
//! which quality looks for what was done with them.

use sea_orm_migration::prelude::*;

#[derive(DeriveIden)]
enum Study {
    Table,
    PatientId,
    PatientIssuer,
    StudyDate,
    AccessionNumber,
}

pub(super) struct Patients;

impl MigrationName for Patients {
    fn name(&self) -> &'static str {
        "intake_0007_patients"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Patients {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_patient = Index::create()
            .name("study_patient")
            .table(Study::Table)
            .col(Study::PatientId)
            .col(Study::PatientIssuer)
            .col(Study::StudyDate)
            .to_owned();
        manager.create_index(of_patient).await
    }
}

pub(super) struct Accessions;

impl MigrationName for Accessions {
    fn name(&self) -> &'static str {
        "intake_0009_accessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Accessions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let numbered = Index::create()
            .name("study_accession")
            .table(Study::Table)
            .col(Study::AccessionNumber)
            .to_owned();
        manager.create_index(numbered).await
    }
}
