import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { locateSound } from '#local/judge/index';
import { SAMPLE_RATE } from '#local/sample/index';
import { cutFile, decoded, encoded, makeVoice } from './audio-file.fixture.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** The voice's first ten seconds by one encoder, and the next ten by another, as one file. */
async function joined(name: string, encoders: readonly (readonly string[])[]): Promise<string> {
  const parts = encoders.map((encoder, n) => {
    const options = ['-af', `atrim=${n * 10}:${n * 10 + 10}`, '-write_xing', '0', ...encoder];
    const plain = name.endsWith('mp3') ? ['-id3v2_version', '0'] : [];
    const own = name.endsWith('mp3') ? options : options.filter((one) => !/xing|^0$/.test(one));
    return encoded(voice, [...own, ...plain], `${n}-${name}`, folder);
  });
  const file = join(folder, name);
  await writeFile(
    file,
    Buffer.concat(await Promise.all((await Promise.all(parts)).map((one) => readFile(one)))),
  );
  return file;
}

/** One encoder after the other puts something in front, once each. */
const MOST_PRIMING_MS = 2 * 50;

it.each<[string, string, readonly (readonly string[])[]]>([
  [
    'MP3 of one and two channels',
    'mono-stereo.mp3',
    [
      ['-ac', '1'],
      ['-ac', '2'],
    ],
  ],
  [
    'MP3 of two rates',
    'rates.mp3',
    [
      ['-ar', '44100'],
      ['-ar', '48000'],
    ],
  ],
  [
    'AAC of one and two channels',
    'mono-stereo.aac',
    [
      ['-ac', '1'],
      ['-ac', '2'],
    ],
  ],
  [
    'AAC of two rates',
    'rates.aac',
    [
      ['-ar', '44100'],
      ['-ar', '48000'],
    ],
  ],
])('%s is heard where a player hears it', async (_, name, encoders) => {
  const file = await joined(name, encoders);
  const places: number[] = [];
  for (const [startMs, endMs] of [
    [4_000, 6_000],
    [8_000, 12_000],
    [15_000, 17_000],
  ] as const) {
    const { clip } = await cutFile(
      file,
      { startMs, endMs },
      (out) => ['-ar', '48000', '-f', 'wav', out],
      folder,
    );
    const { values, channels, sampleCount } = await decoded(clip);
    expect(Math.abs(sampleCount - ((endMs - startMs) * SAMPLE_RATE) / 1000)).toBeLessThan(2);
    const front = values.filter((_value, n) => n % channels === 0);
    for (const at of [500, endMs - startMs - 800]) {
      const piece = front.slice((at * SAMPLE_RATE) / 1000, ((at + 300) * SAMPLE_RATE) / 1000);
      places.push(locateSound(piece, ((startMs + at) * SAMPLE_RATE) / 1000) ?? Number.NaN);
    }
  }
  const [first, ...others] = places.map((late) => (-late * 1000) / SAMPLE_RATE);
  expect(first).toBeLessThanOrEqual(MOST_PRIMING_MS / 2);
  for (const late of others) expect(late - first!).toBeLessThanOrEqual(MOST_PRIMING_MS);
  // All of the second half is as late as it was at its beginning.
  expect(others.at(-1)! - others.at(2)!).toBeCloseTo(0, 0);
});
