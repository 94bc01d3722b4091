import type { ReadContentInput } from '../../api/documents';
import type { ReadContent } from './read_content';

/** The content as the server takes it. */
export function inputOf({ findings, regions, comment }: ReadContent): ReadContentInput {
  return {
    findings: findings.map(({ id, kind, severity, centreMm, diameterMm, comment }) => ({
      id,
      kind,
      severity,
      centreMm,
      diameterMm,
      comment,
    })),
    regions: regions.map(({ region, disposition }) => ({ region, disposition })),
    comment,
  };
}
