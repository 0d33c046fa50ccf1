import { readAdtsHeader } from '../packed-audio/adts.ts';
import { shortEpisode, type TestEpisode } from './judged.fixture.ts';
import { withChunks } from './packages.fixture.ts';
import { type Pes, rewritten, SOUND_PID } from './rewrite.fixture.ts';

/** The sample with the audio between two times, in seconds, changed. */
export async function withAudioBetween(
  from: number,
  to: number,
  change: (pes: Pes) => Pes[],
  folder: string,
): Promise<TestEpisode> {
  return withChunks(await shortEpisode(), folder, (bytes, n) =>
    rewritten(bytes, SOUND_PID, (all) =>
      all.flatMap((pes) => {
        const seconds = n * 3 + (pes.pts! - all[0]!.pts!) / 90_000;
        return seconds >= from && seconds < to ? change(pes) : [pes];
      }),
    ),
  );
}

/** Frames of AAC with their headers, and nonsense in them. */
export function garbled({ payload, ...times }: Pes): Pes[] {
  const bytes = Buffer.from(payload);
  for (let at = 0; ; ) {
    const frame = readAdtsHeader(bytes, at);
    if (!frame) return [{ ...times, payload: bytes }];
    const end = Math.min(at + frame.frameBytes, bytes.length);
    for (let n = at + 9; n < end; n++) bytes[n] = (n * 7919 + 13) & 0xff;
    at = end;
  }
}
