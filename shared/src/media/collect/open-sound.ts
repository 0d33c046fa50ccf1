import type { MediaWork } from '../ffmpeg/media-work.ts';
import { chunksBetween } from '../hls/chunk-range.ts';
import type { SoundTrack } from '../source/media-index.ts';
import { openSource } from '../source/open-source.ts';
import type { SoundSource } from '../source/source.ts';
import { turnsBetween } from '../source/timeline.ts';
import type { Wanted } from '../source/wanted.ts';
import { chunkNotThere } from './collect-errors.ts';
import { type TrackChunks, ticksOfUs } from './open-stretch.ts';

/** Chunks of sound are small, and so is what EXTINF is off: a neighbour more at a border costs little. */
const MARGIN_US = 150_000;

/**
 * Opens the sound of a stretch where it has a playlist of its own. Renditions share one clock (RFC 8216,
 * 6.2.4), so it is found by the times of the pictures.
 * @param wanted the pictures, on a clock on which the episode begins at `zero`
 * @param run index of their run: discontinuities are the same in all renditions
 */
export async function openSound(
  { playlist, store, missing, isOptional }: TrackChunks,
  { wanted, zero, run }: { wanted: Wanted; zero: number; run: number },
  work: MediaWork,
): Promise<SoundSource | undefined> {
  const usOf = (pts: number) => (pts - zero) / 0.09;
  const { chunks, runs } = playlist;
  const own = runs[run] ?? runs[0]!;
  const range = chunksBetween(
    chunks,
    usOf(wanted.firstPts) - MARGIN_US,
    usOf(wanted.endPts) + MARGIN_US,
  );
  const needed = chunks.slice(Math.max(range.first, own.first), Math.min(range.last, own.last) + 1);
  const there = needed.filter(({ index, isGap }) => !isGap && !missing.has(index));
  const files = await store.fetch(there);
  const lacking = needed.find(({ index }) => !files.has(index));
  if (lacking && !isOptional) throw chunkNotThere(lacking);
  const fetched = there.filter(({ index }) => files.has(index));
  const [first] = fetched;
  if (!first) return undefined;
  const init = own.init && (await store.fetchInit(own.init));
  const name = `sound-${first.index}`;
  const inOrder = fetched.map(({ index }) => files.get(index)!);
  const { sound } = await openSource({ name, init, chunks: inOrder }, work);
  if (!sound || 'input' in sound) return sound;
  const expected = zero + ticksOfUs(first.startUs);
  return { track: turned(sound.track, turnsBetween(sound.track.packets[0]!.pts, expected)) };
}

/** The sound on another turn of the clock. */
function turned(track: SoundTrack, ticks: number): SoundTrack {
  if (ticks === 0) return track;
  const packets = track.packets.map((packet) => ({ ...packet, pts: packet.pts + ticks }));
  return { ...track, packets, endPts: track.endPts + ticks };
}
