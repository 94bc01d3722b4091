/** Sites and their scanners. */
import { document } from './client';
import type { Refused } from './documents';
import type { Stage } from './types';

export interface Scanner {
  /** Calling AE title, or the name of another sender. */
  sender: string;
  name: string;
  /** Words of which one must stand in manufacturer or model name; any without. */
  makerWords: string[];
}

export interface SiteVersion {
  version: number;
  isRegistered: boolean;
  difference: string[];
  changedBy: string;
  changedAt: string;
  reason: string;
  differing: number | null;
  lookedAt: number | null;
}

export interface Site {
  id: string;
  name: string;
  scanners: Scanner[];
  isRegistered: boolean;
  /** Newest first. */
  versions: SiteVersion[];
}

export interface SiteSeries {
  seriesId: string;
  sender: string;
  manufacturer: string;
  manufacturerModelName: string;
  seriesDescription: string;
  routedAt: string;
  gainedBy: string[];
  lostBy: string[];
}

export interface SitePreview {
  /** The version that a change follows. */
  follows: number;
  difference: string[];
  lookedAt: number;
  differing: number;
  deployments: {
    deploymentId: string;
    name: string;
    stage: Stage;
    matchedNow: number;
    matched: number;
  }[];
  series: SiteSeries[];
}

const REFUSAL = 'refusal { code message remedy }';
const SITE = `id name isRegistered scanners { sender name makerWords }
  versions { version isRegistered difference changedBy changedAt reason differing lookedAt }`;

export const sitesQuery = document<{ sites: Site[] }>(`query Sites { sites { ${SITE} } }`);

export const sitePreviewQuery = document<
  { sitePreview: SitePreview },
  { input: { name: string; scanners: Scanner[]; series: number } }
>(
  `query SitePreview($input: SitePreviewInput!) { sitePreview(input: $input) {
    follows difference lookedAt differing
    deployments { deploymentId name stage matchedNow matched }
    series { seriesId sender manufacturer manufacturerModelName seriesDescription routedAt
      gainedBy lostBy } } }`,
);

export const changeSiteMutation = document<
  { changeSite: Refused<'site', Site> },
  {
    input: {
      name: string;
      scanners: Scanner[];
      reason: string;
      follows: number;
      differingSeen: number;
      lookedAt: number;
    };
  }
>(
  `mutation ChangeSite($input: ChangeSiteInput!) {
    changeSite(input: $input) { site { ${SITE} } ${REFUSAL} } }`,
);

export const removeSiteMutation = document<
  { removeSite: Refused<'site', Site> },
  { input: { siteId: string; reason: string; follows: number } }
>(
  `mutation RemoveSite($input: RemoveSiteInput!) {
    removeSite(input: $input) { site { ${SITE} } ${REFUSAL} } }`,
);
