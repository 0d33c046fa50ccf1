import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cutFile, decoded, encoded, makeVoice } from './audio-file.fixture.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const SECONDS = 20;
const DAMAGED = { fromMs: 9_000, toMs: 10_000 };

/** Spoils what lies between two times, as far as a constant bit rate tells, but for the headers of ADTS. */
function spoil(bytes: Buffer, isAdts: boolean): Buffer {
  const [from, to] = [DAMAGED.fromMs, DAMAGED.toMs].map((ms) =>
    Math.round((bytes.length * ms) / (SECONDS * 1000)),
  );
  for (let at = from!; at < to!; at++) {
    const isHeader =
      isAdts && [0, 1, 2, 3, 4, 5, 6].some((n) => bytes.readUInt16BE(at - n) === 0xfff1);
    if (!isHeader) bytes[at] = 0xff;
  }
  return bytes;
}

const wavOf = (out: string) => ['-ar', '48000', '-f', 'wav', out];

it.each(['aac', 'm4a'])(
  'what cannot be decoded of a file is silent, and told: %s',
  async (kind) => {
    const options = ['-t', String(SECONDS), '-c:a', 'aac', '-b:a', '128k'];
    const file = await encoded(voice, options, `whole.${kind}`, folder);
    const span = { startMs: 8_000, endMs: 12_000 };
    expect((await cutFile(file, span, wavOf, folder)).warnings).toEqual([]);

    const damaged = join(folder, `damaged.${kind}`);
    await writeFile(damaged, spoil(await readFile(file), kind === 'aac'));
    const { clip, warnings } = await cutFile(damaged, span, wavOf, folder);
    const { sampleCount } = await decoded(clip);
    expect(sampleCount).toBe(4 * 48_000);
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['AUDIO_LOST']));
    for (const { atMs, message } of warnings) {
      expect(atMs).toBeGreaterThan(DAMAGED.fromMs - 300);
      expect(atMs).toBeLessThan(DAMAGED.toMs + 300);
      expect(message).toMatch(/^The audio file cannot be decoded from 00:00:\d\d\.\d{3} to /);
    }

    const beside = await cutFile(damaged, { startMs: 3_000, endMs: 7_000 }, wavOf, folder);
    expect(beside.warnings).toEqual([]);
  },
);
