import type { FrameClock } from '../sound/encode-aac.ts';
import type { JoinedPicture } from './joined-pictures.ts';

/** Pictures or frames of sound [from, to) that lie behind each other in the file. */
export interface ClipChunk {
  kind: 'video' | 'audio';
  from: number;
  to: number;
}

/** Pictures and sound alternate by the second, so that a player that reads on has both. */
const CHUNK_TICKS = 90_000;

/** The order of pictures and sound in the file. */
export function interleave(
  pictures: readonly Pick<JoinedPicture, 'dts'>[],
  clock: FrameClock | undefined,
): ClipChunk[] {
  const chunks: ClipChunk[] = [];
  let heard = 0;
  for (let from = 0; from < pictures.length; ) {
    const endTicks = pictures[from]!.dts + CHUNK_TICKS;
    let to = from + 1;
    while (to < pictures.length && pictures[to]!.dts < endTicks) to++;
    chunks.push({ kind: 'video', from, to });
    if (clock) {
      const until = to < pictures.length ? framesUntil(endTicks, clock) : clock.frameCount;
      if (until > heard) chunks.push({ kind: 'audio', from: heard, to: until });
      heard = Math.max(heard, until);
    }
    from = to;
  }
  return chunks;
}

/** How many frames begin before a time of the clip. */
function framesUntil(ticks: number, clock: FrameClock): number {
  const samples = (ticks * clock.rate) / 90_000 + clock.primingSamples;
  return Math.min(clock.frameCount, Math.max(0, Math.ceil(samples / clock.frameSamples)));
}
