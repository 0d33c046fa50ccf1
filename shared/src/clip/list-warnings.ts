import { truncate } from '../events/truncate.ts';
import type { ClipWarning, ListedWarnings } from '../events/warnings.ts';

// A clip may have 100 segments, and each of them any number of warnings; an event holds 256 KB, an item 400 KB. The
// segments of a clip are cut apart from each other, so each gets an equal share of what there is for all of them.

/** Of one list, however much room there is. */
const MAX_LISTED = 20;
const MAX_MESSAGE_BYTES = 300;
/** Of the lists of all segments of a clip together, as JSON. */
const MAX_SEGMENTS_BYTES = 24_000;
/** Of the list of the clip, as JSON. */
const MAX_CLIP_BYTES = 6_000;

/** The warnings of one segment of so many, as its receipt lists them. */
export const listSegmentWarnings = (
  warnings: readonly ClipWarning[],
  segmentCount: number,
  moreWarnings = 0,
): ListedWarnings =>
  listWarnings(
    warnings,
    Math.min(MAX_CLIP_BYTES, Math.floor(MAX_SEGMENTS_BYTES / segmentCount)),
    moreWarnings,
  );

/** The warnings of a clip, out of those of its segments. */
export function listClipWarnings(segments: readonly ListedWarnings[]): ListedWarnings {
  const more = segments.reduce((sum, { moreWarnings = 0 }) => sum + moreWarnings, 0);
  return listWarnings(
    segments.flatMap(({ warnings = [] }) => warnings),
    MAX_CLIP_BYTES,
    more,
  );
}

/** How many warnings there are, listed or not. */
export const countWarnings = ({ warnings = [], moreWarnings = 0 }: ListedWarnings): number =>
  warnings.length + moreWarnings;

/**
 * Lists as many warnings as there is room for, in their order: the first of each code before the others, and at least
 * one, so that no kind of warning is hidden by many of another.
 */
function listWarnings(
  warnings: readonly ClipWarning[],
  maxBytes: number,
  alreadyLeftOut: number,
): ListedWarnings {
  const isFirst = warnings.map(
    ({ code }, index) => warnings.findIndex((other) => other.code === code) === index,
  );
  const places = [...warnings.keys()];
  const byImportance = [
    ...places.filter((place) => isFirst[place]),
    ...places.filter((place) => !isFirst[place]),
  ];
  const listed = new Map<number, ClipWarning>();
  let bytes = 0;
  for (const place of byImportance) {
    const room = listed.size === 0 ? maxBytes : MAX_CLIP_BYTES;
    const warning = withShortMessage(warnings[place]!, room);
    const size = bytesOf(warning);
    if (listed.size === MAX_LISTED || (listed.size > 0 && bytes + size > maxBytes)) break;
    bytes += size;
    listed.set(place, warning);
  }
  const left = warnings.length - listed.size + alreadyLeftOut;
  return {
    ...(listed.size > 0 ? { warnings: places.flatMap((place) => listed.get(place) ?? []) } : {}),
    ...(left > 0 ? { moreWarnings: left } : {}),
  };
}

function withShortMessage(warning: ClipWarning, maxBytes: number): ClipWarning {
  const message = warning.message.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const room = maxBytes - bytesOf({ ...warning, message: '' });
  return { ...warning, message: truncate(message, Math.min(MAX_MESSAGE_BYTES, room)) };
}

/** With the comma behind it. */
const bytesOf = (warning: ClipWarning) => Buffer.byteLength(JSON.stringify(warning)) + 1;
