import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judgeAgainstSource } from '#local/judge/index';
import { type Splicebus, startSplicebus, type TrackFiles } from '../harness/splicebus.ts';

const STREAMS = new URL('../fixtures/real-media/', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'splicebus-real-'));
let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

interface RealStream {
  master: string;
  /** In the order of their playlist. */
  chunks: string[];
  hasSound: boolean;
  /** The first and the last frame are among them. */
  spans: [startMs: number, endMs: number][];
}

const REAL_STREAMS: Record<string, RealStream> = {
  'shaka-hls-ts-muxed-aac-h264': {
    master: 'playlist.m3u8',
    chunks: [0, 1, 2, 3, 4, 5].map((n) => `n_${n}_0_0.mpegts`),
    hasSound: true,
    spans: [
      [34_120, 36_000],
      [5_300, 6_700],
      [14_041, 14_083],
      [0, 900],
    ],
  },
  'shaka-hls-ts-b-frames': {
    master: 'index.m3u8',
    chunks: ['1.mpegts'],
    hasSound: false,
    spans: [
      [4_900, 5_760],
      [0, 440],
      [2_120, 3_400],
    ],
  },
};

it.each(Object.entries(REAL_STREAMS))('cuts %s to the frame', async (name, stream) => {
  const { master, chunks, hasSound, spans } = stream;
  const names = readdirSync(join(STREAMS, name));
  const files: TrackFiles = Object.fromEntries(
    names.map((file) => [file, readFileSync(join(STREAMS, name, file))]),
  );
  await splicebus.ingestFiles(files, name, undefined, master);
  const segments = spans.map(([startMs, endMs]) => ({
    startTime: startMs / 1000,
    endTime: endMs / 1000,
  }));
  await splicebus.makeClips(name, [{ clipId: 'parts', segments }]);

  const record = await splicebus.clip(name, 'parts');
  expect(record).toMatchObject({
    status: 'Generation Complete',
    receipt: { method: 'smart', firstFrameError: 0, lastFrameError: 0 },
  });
  const sourcePath = join(folder, `${name}.ts`);
  writeFileSync(sourcePath, Buffer.concat(chunks.map((chunk) => files[chunk] as Buffer)));
  const verdict = await judgeAgainstSource({
    clipPath: splicebus.clipPath(name, 'parts'),
    sourcePath,
    segments: spans.map(([startMs, endMs]) => ({ startMs, endMs })),
  });
  expect(verdict.faults).toEqual([]);
  expect(verdict.file.audioCodec).toBe(hasSound ? 'aac' : undefined);
  const told = record!.receipt!.segments.map(({ achieved }) => achieved);
  expect(told.map(({ firstFrame, lastFrame }) => [firstFrame, lastFrame])).toEqual(
    verdict.segments.map(({ gotFirst, gotLast }) => [gotFirst, gotLast]),
  );
});
