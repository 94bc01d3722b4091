//! What is tested at run time, slice after slice: structure, agreement of the drawn images, domain.

use crate::{
    clusters::{Cluster, Suspect, SuspectKind, suspects},
    consistency::Structure,
    description::Description,
    domain,
    model::Scores,
    predict::Quantiles,
};
use imaging::Volume;

/// What the tests have found so far.
pub(crate) struct Checks<'a> {
    description: &'a Description,
    structure: Structure,
    /// Pixels of the largest cluster in which the drawn images disagree.
    disagreement: usize,
    clusters: Vec<(usize, SuspectKind, Cluster)>,
    /// What the network's deepest layer saw, slice after slice.
    backbones: Vec<Vec<f32>>,
}

impl<'a> Checks<'a> {
    pub(crate) fn new(description: &'a Description) -> Self {
        Self {
            description,
            structure: Structure::default(),
            disagreement: 0,
            clusters: Vec::new(),
            backbones: Vec::new(),
        }
    }

    /// Tests slice `z`, the one after the last: as scanned, as it's shown, and what the network said of it.
    pub(crate) fn look(&mut self, z: usize, (scan, image): (&[f32], &[f32]), said: Quantiles, width: usize) {
        let (structure, clusters) = self.description.consistency.examined(scan, image, width);
        self.structure = self.structure.or(structure);
        self.note(z, SuspectKind::Structure, clusters);
        if let (Some(reference), Some(spread)) = (&self.description.agreement, &said.spread) {
            let (largest, clusters) = reference.largest(spread, image, width);
            self.disagreement = self.disagreement.max(largest);
            self.note(z, SuspectKind::Disagreement, clusters);
        }
        self.backbones.push(said.backbone);
    }

    fn note(&mut self, z: usize, kind: SuspectKind, clusters: Vec<Cluster>) {
        self.clusters.extend(clusters.into_iter().map(|cluster| (z, kind, cluster)));
    }

    /// Gives the scores of the scan whose slices were all looked at, and the places that are to be looked at.
    pub(crate) fn end(self, scan: &Volume) -> (Scores, Vec<Suspect>) {
        let described = domain::described(scan, &self.backbones);
        let slices = scan.dims[2];
        let agreement = self.description.agreement.as_ref();
        let scores = Scores {
            domain: self.description.domain.p_value(&described),
            consistency: self.description.consistency.score(self.structure, slices),
            agreement: agreement.map(|reference| reference.score(self.disagreement, slices)),
            input: domain::summary(&described),
        };
        (scores, suspects(self.clusters, scan))
    }
}
