import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  cutSamples,
  decoded,
  differenceAt,
  encoded,
  makeVoice,
  VOICE_SECONDS,
} from './audio-file.fixture.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const AAC = ['-ar', '44100', '-ac', '2', '-c:a', 'aac', '-b:a', '128k'];
/** Parts of AAC are noise that every decoder makes up. */
const NOISE = 0.03;

it('cuts to the sample an MP4 in which Apple’s comment tells what the encoder put in front', async () => {
  const plain = await encoded(voice, [...AAC, '-use_editlist', '0'], 'plain.m4a', folder);
  const file = join(folder, 'itunes.m4a');
  await writeFile(file, withGaplessComment(await readFile(plain), 1024, VOICE_SECONDS * 44_100));
  const whole = await decoded(file);
  const span = { startMs: 30_005, endMs: 33_005 };
  const { sound, heard } = await cutSamples(file, span, whole, folder);
  expect(sound.sampleCount).toBe(VOICE_SECONDS * 44_100);
  expect(differenceAt(heard, whole, span.startMs)).toBeLessThanOrEqual(NOISE);
  expect(differenceAt(heard, whole, span.startMs, 1)).toBeGreaterThan(NOISE + 0.01);
});

/** Puts the comment of iTunes at the end of the header, which is the end of the file. */
function withGaplessComment(mp4: Buffer, priming: number, samples: number): Buffer {
  const box = (type: string, ...parts: Buffer[]) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + Buffer.concat(parts).length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, ...parts]);
  };
  const full = Buffer.alloc(4);
  const hex = (value: number, digits: number) =>
    value.toString(16).toUpperCase().padStart(digits, '0');
  const text = ` ${hex(0, 8)} ${hex(priming, 8)} ${hex(0, 8)} ${hex(samples, 16)}`;
  const comment = box(
    '----',
    box('mean', full, Buffer.from('com.apple.iTunes')),
    box('name', full, Buffer.from('iTunSMPB')),
    box('data', Buffer.from([0, 0, 0, 1]), full, Buffer.from(text)),
  );
  const handler = box('hdlr', full, full, Buffer.from('mdirappl'), Buffer.alloc(10));
  const udta = box('udta', box('meta', full, handler, box('ilst', comment)));
  const moovAt = mp4.lastIndexOf('moov') - 4;
  const made = Buffer.concat([withoutUdta(mp4, moovAt), udta]);
  made.writeUInt32BE(made.length - moovAt, moovAt);
  return made;
}

/** FFmpeg writes a comment of its own there. */
function withoutUdta(mp4: Buffer, moovAt: number): Buffer {
  const at = mp4.indexOf('udta', moovAt) - 4;
  return at > moovAt ? mp4.subarray(0, at) : mp4;
}
