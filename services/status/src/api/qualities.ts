import type { ClipRecord } from '#shared/clip/clip-record';
import type { RungRecord } from '#shared/clip/derivatives';
import { HttpProblem } from '#shared/http/problem';
import { notReady } from './finished-file.ts';

export type MadeRung = Extract<RungRecord, { status: 'made' }>;

/** The rungs of a clip's ladder that are there. */
export const madeRungs = ({ renditions = [] }: Pick<ClipRecord, 'renditions'>): MadeRung[] =>
  renditions.filter((rung): rung is MadeRung => rung.status === 'made');

/** By what names a clip can be played. A clip of 1920×1080 is its own `1080p`: no rendition is made of the same size. */
function qualitiesOf(record: Pick<ClipRecord, 'renditions'>): Map<string, MadeRung> {
  const qualities = new Map<string, MadeRung>();
  for (const rung of madeRungs(record)) {
    const { name, width, height } = rung;
    qualities.set(name, rung);
    if (name === 'source' && width && height) qualities.set(`${Math.min(width, height)}p`, rung);
  }
  return qualities;
}

/**
 * The rung of a clip's ladder that is called so.
 * @throws HttpProblem 400 `QUALITY_NOT_AVAILABLE`, 409 with the code of what went wrong, 425 `RENDITION_NOT_READY`
 */
export function rungOf(record: Pick<ClipRecord, 'renditions'>, quality: string): MadeRung {
  const qualities = qualitiesOf(record);
  const made = qualities.get(quality);
  if (made) return made;
  const known = record.renditions?.find(({ name }) => name === quality);
  if (known?.status === 'failed') {
    throw new HttpProblem(409, known.error.code, known.error.message, { field: 'quality' });
  }
  // Nothing was heard of any rung yet: the clip itself will be one.
  if (known?.status === 'requested' || (quality === 'source' && !known)) {
    const message = `The clip is not there as ${quality} yet: ask again soon.`;
    throw notReady('RENDITION_NOT_READY', message);
  }
  const available = [...qualities.keys()];
  const why = known?.status === 'omitted' ? ` ${known.reason.message}` : '';
  throw new HttpProblem(
    400,
    'QUALITY_NOT_AVAILABLE',
    `The clip is not there as "${quality}", but as ${available.join(', ') || 'MP4 without a quality'}.${why}`,
    { field: 'quality', members: { available } },
  );
}
