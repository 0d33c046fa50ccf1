import { NotCopyableError } from '../not-copyable.ts';
import { readBox } from './boxes.ts';
import { ChunkBounds } from './fragments/chunk-bounds.ts';
import { untimed } from './fragments/decode-times.ts';
import { type TrackFragment, trackFragments } from './fragments/fragments.ts';
import { parseInitialization, type Track } from './tracks/initialization.ts';
import { TrackClock } from './tracks/media-clock.ts';

/**
 * When the first picture of a chunk is shown, or where there is no video, its first sound is heard: the
 * earliest of its first fragment, in ticks of 90 kHz.
 * @param init the init section
 * @param beginning the first bytes of the chunk
 * @returns nothing when more bytes are needed to tell
 * @throws NotCopyableError when it is not what we can read
 */
export function timeZeroOfFragment(init: Buffer, beginning: Buffer): number | undefined {
  const { tracks } = parseInitialization(init);
  const track = tracks.find(({ kind }) => kind === 'video') ?? tracks[0];
  if (!track) throw new NotCopyableError('the init section describes no tracks');
  const bounds = new ChunkBounds();
  for (let at = 0; ; ) {
    const box = readBox(beginning, at, Number.POSITIVE_INFINITY);
    if (!box) return undefined;
    if (box.type === 'moof') {
      if (box.end > beginning.length) return undefined;
      const fragment = { start: box.start, body: beginning.subarray(box.bodyAt, box.end) };
      const parts = trackFragments(fragment, [track], bounds);
      const part = parts.find(({ samples }) => samples.length > 0);
      if (part && part.decodeTime === undefined) throw untimed();
      if (part) return earliestOf(part, track);
    }
    at = box.end;
  }
}

function earliestOf(part: TrackFragment, track: Track): number {
  const clock = new TrackClock(track).next(part);
  const times = part.samples.map((one) => clock.ticks(one.decodeOffset + one.compositionOffset));
  const earliest = times.reduce((earliest, time) => Math.min(earliest, time));
  // Audio that the edit list leaves out at the beginning is there for decoders only.
  return track.kind === 'audio' && track.mediaTime > 0 ? Math.max(earliest, 0) : earliest;
}
