/** Where the files of teaching sets are. */
export type TeachingSeries = 'original' | 'ai';

/** Where an image of a set is, `slice` from 0. */
export const teachingImageAddress = (set: string, series: TeachingSeries, slice: number): string =>
  `/teaching-sets/${set}/${series}/${slice}`;

/** Where a released set is. */
export const teachingArchiveAddress = (set: string): string => `/teaching-sets/${set}/archive`;
