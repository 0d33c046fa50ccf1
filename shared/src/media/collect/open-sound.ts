import type { MediaWork } from '../ffmpeg/media-work.ts';
import { chunksBetween } from '../hls/chunk-range.ts';
import type { SoundTrack } from '../source/media-index.ts';
import { openSource } from '../source/open-source.ts';
import { type SoundSource, timesOf } from '../source/source.ts';
import { turnsBetween } from '../source/timeline.ts';
import type { Wanted } from '../source/wanted.ts';
import type { Finding } from '../warnings.ts';
import { ClockBreak } from './clock-break.ts';
import { chunkNotThere } from './collect-errors.ts';
import { assertOneClock, DRIFT_TICKS, findBreak } from './find-break.ts';
import { type TrackChunks, ticksOfUs } from './open-stretch.ts';
import { otherTables } from './other-tables.ts';

/** Chunks of sound are small, and so is what EXTINF is off: a neighbour more at a border costs little. */
const MARGIN_US = 150_000;

/** The sound of a stretch, and the chunks of it that the stretch overlaps. */
export interface OpenedSound {
  source?: SoundSource;
  overlapped: string[];
  /** What was noticed about it, on the clock of the pictures. */
  findings?: readonly Finding[];
}

/**
 * Opens the sound of a stretch where it has a playlist of its own. Renditions share one clock (RFC 8216,
 * 6.2.4), so it is found by the times of the pictures.
 * @param place `wanted`: the pictures, on a clock on which the episode begins at `zero`;
 *   `run`: index of their run; discontinuities are the same in all renditions
 * @param leadUs how much audio before the pictures is needed, at least
 * @throws ClockBreak where the chunks turn out to have more than one clock
 */
export async function openSound(
  track: TrackChunks,
  place: { wanted: Wanted; zero: number; run: number },
  work: MediaWork,
  leadUs = MARGIN_US,
): Promise<OpenedSound> {
  const { playlist, store, missing, isOptional } = track;
  const { wanted, zero, run } = place;
  const usOf = (pts: number) => (pts - zero) / 0.09;
  const { chunks, runs } = playlist;
  const own = runs[run] ?? runs[0]!;
  const [fromUs, toUs] = [usOf(wanted.firstPts), usOf(wanted.endPts)];
  const range = chunksBetween(chunks, fromUs - leadUs, toUs + MARGIN_US);
  const needed = chunks.slice(Math.max(range.first, own.first), Math.min(range.last, own.last) + 1);
  const there = needed.filter(({ index, isGap }) => !isGap && !missing.has(index));
  const files = await store.fetch(there);
  const lacking = needed.find(({ index }) => !files.has(index));
  if (lacking && !isOptional) throw chunkNotThere(lacking);
  const fetched = there.filter(({ index }) => files.has(index));
  const [first] = fetched;
  if (!first) return { overlapped: [] };
  const init = own.init && (await store.fetchInit(own.init));
  const name = `sound-${first.index}`;
  const inOrder = fetched.map(({ index }) => files.get(index)!);
  const tables = () => otherTables(chunks, own, first.index, store);
  const source = await openSource({ name, init, chunks: inOrder, tables }, work);
  assertOneClock(source, fetched, { playlist }, { toPts: wanted.endPts });
  const { sound, findings } = source;
  const sbrLeadUs = Math.round((timesOf(source).sound?.leadTicks ?? 0) / 0.09);
  if (sbrLeadUs > leadUs) return openSound(track, place, work, sbrLeadUs);
  const within = chunksBetween(chunks, fromUs, toUs);
  const overlapped = fetched
    .filter(({ index }) => index >= within.first && index <= within.last)
    .map(({ index }) => files.get(index)!);
  if (!sound || 'input' in sound) return { source: sound, overlapped, findings };
  const expected = zero + ticksOfUs(first.startUs);
  const firstPts = sound.track.packets[0]!.pts;
  const turns = turnsBetween(firstPts, expected);
  if (Math.abs(firstPts + turns - expected) > DRIFT_TICKS) {
    const jump = await findBreak(
      { playlist, store, missing },
      init,
      ...([own.first, first.index] as const),
      work,
    );
    if (jump) throw new ClockBreak(playlist, [jump]);
  }
  return {
    source: { track: turned(sound.track, turns) },
    overlapped,
    findings: findings?.map((finding) => later(finding, turns)),
  };
}

function later(finding: Finding, ticks: number): Finding {
  const { fromPts, toPts } = finding;
  return {
    ...finding,
    ...(fromPts === undefined ? {} : { fromPts: fromPts + ticks }),
    ...(toPts === undefined ? {} : { toPts: toPts + ticks }),
  };
}

/** The sound on another turn of the clock. */
function turned(track: SoundTrack, ticks: number): SoundTrack {
  if (ticks === 0) return track;
  const packets = track.packets.map((packet) => ({ ...packet, pts: packet.pts + ticks }));
  return { ...track, packets, endPts: track.endPts + ticks };
}
