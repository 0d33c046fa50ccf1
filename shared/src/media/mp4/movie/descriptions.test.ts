import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError } from '../../not-copyable.ts';
import { readAdtsHeader } from '../../packed-audio/adts.ts';
import { bodyIn } from '../boxes.ts';
import { readSampleEntry } from '../tracks/initialization.ts';
import { readPictureFormat } from '../tracks/picture-format.ts';
import { describePictures } from './picture-entry.ts';
import { type MovieTrack, readMovie } from './read-movie.ts';
import { describeSound } from './sound-entry.ts';

// What we say about pictures and sound, against what FFmpeg says about the same.

const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-descriptions-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A track that FFmpeg has described. */
async function theirs(options: readonly string[]): Promise<MovieTrack> {
  const file = join(folder, 'theirs.mp4');
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', ...options, file]);
  const [track] = await readMovie(file);
  return track!;
}

const VISUAL_ENTRY_BYTES = 78;

/** A box within the sample entry of pictures. */
function inEntry(description: Buffer, type: string): Buffer | undefined {
  return bodyIn(readSampleEntry(description).body.subarray(VISUAL_ENTRY_BYTES), type);
}

/** `stsd` with its header, as we make it, without it. */
const bodyOf = (stsd: Buffer) => stsd.subarray(8);

const PICTURES = 'testsrc2=s=322x182:r=25:d=0.2';
const COLOURS = [
  ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'],
  ...['-color_range', 'tv'],
];

describe('H.264', () => {
  it.each<[name: string, options: string[]]>([
    ['High', ['-profile:v', 'high', '-pix_fmt', 'yuv420p']],
    ['Constrained Baseline', ['-profile:v', 'baseline', '-pix_fmt', 'yuv420p']],
    ['4:2:2 of 10 bits', ['-profile:v', 'high422', '-pix_fmt', 'yuv422p10le']],
    ['with colours', ['-pix_fmt', 'yuv420p', ...COLOURS]],
    ['with pixels of a shape of their own', ['-pix_fmt', 'yuv420p', '-vf', 'setsar=37/31']],
    ['with pixels of a common shape', ['-pix_fmt', 'yuv420p', '-vf', 'setsar=16/11']],
  ])('%s', async (_, options) => {
    const { description, size } = await theirs([PICTURES, ...options, '-c:v', 'libx264']);
    const ours = describePictures('h264', readPictureFormat(readSampleEntry(description))!);
    const body = bodyOf(ours.description);
    expect(inEntry(body, 'avcC')).toEqual(inEntry(description, 'avcC'));
    expect(inEntry(body, 'colr')).toEqual(inEntry(description, 'colr'));
    const shape = inEntry(description, 'pasp');
    // FFmpeg tells the shape of square pixels, too, where the stream does not.
    if (shape?.readUInt32BE(0) !== shape?.readUInt32BE(4)) {
      expect(inEntry(body, 'pasp')).toEqual(shape);
    }
    expect(ours.size).toEqual({ width: Math.round(size.width), height: size.height });
    const sizeInEntry = (entry: Buffer) => readSampleEntry(entry).body.subarray(24, 28);
    expect(sizeInEntry(body)).toEqual(sizeInEntry(description));
  });
});

describe('pictures that a header cannot hold', () => {
  it.each(['1000/1', '1/1000'])(
    'with pixels of %s are as large as they are coded',
    async (shape) => {
      const options = [
        '-pix_fmt',
        'yuv420p',
        '-c:v',
        'libx264',
        '-bsf:v',
        `h264_metadata=sample_aspect_ratio=${shape}`,
      ];
      const { description } = await theirs([PICTURES, ...options]);
      const sets = readPictureFormat(readSampleEntry(description))!;
      expect(describePictures('h264', sets).size).toEqual({ width: 322, height: 182 });
    },
  );

  it('are not copied where their parameters are damaged', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('h264' as const, 'hevc' as const),
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        (codec, bytes) => {
          const sets = { vps: [], sps: [Buffer.from(bytes)], pps: [] };
          try {
            describePictures(codec, sets);
          } catch (error) {
            expect(error).toBeInstanceOf(NotCopyableError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('HEVC', () => {
  it.each(['yuv420p', 'yuv420p10le'])('%s', async (format) => {
    const { description, size } = await theirs([
      ...[PICTURES, '-pix_fmt', format, '-c:v', 'libx265'],
      ...['-x265-params', 'log-level=none', '-tag:v', 'hvc1'],
    ]);
    const known = readPictureFormat(readSampleEntry(description))!;
    const ours = describePictures('hevc', known);
    const [mine, other] = [bodyOf(ours.description), description].map(
      (entry) => inEntry(entry, 'hvcC')!,
    );
    // Up to the level, then formats and depths of samples; between them, what we do not tell.
    expect(mine!.subarray(0, 13)).toEqual(other!.subarray(0, 13));
    expect(mine!.subarray(16, 19)).toEqual(other!.subarray(16, 19));
    expect(readPictureFormat(readSampleEntry(bodyOf(ours.description)))).toEqual(known);
    expect(ours.size).toEqual(size);
  });

  it.each<[name: string, options: string[]]>([
    ['colours', COLOURS],
    ['HDR', ['-color_primaries', '9', '-color_trc', '16', '-colorspace', '9']],
    ['a shape of pixels', [...COLOURS, '-vf', 'setsar=16/11']],
    ['lists that scale', [...COLOURS, '-x265-params', 'log-level=none:scaling-list=default']],
    ['several temporal layers', [...COLOURS, '-x265-params', 'log-level=none:temporal-layers=1']],
    ['no smoothing, large blocks', [...COLOURS, '-x265-params', 'log-level=none:ctu=64:no-sao=1']],
  ])('says so, where its pictures have %s', async (_, options) => {
    const encoder = ['-pix_fmt', 'yuv420p', '-c:v', 'libx265', '-tag:v', 'hvc1'];
    const quiet = options.includes('-x265-params') ? [] : ['-x265-params', 'log-level=none'];
    const { description } = await theirs([PICTURES, ...encoder, ...quiet, ...options]);
    const known = readPictureFormat(readSampleEntry(description))!;
    const ours = bodyOf(describePictures('hevc', known).description);
    expect(inEntry(description, 'colr')).toBeDefined();
    expect(inEntry(ours, 'colr')).toEqual(inEntry(description, 'colr'));
    if (options.includes('setsar=16/11')) {
      expect(inEntry(ours, 'pasp')).toEqual(inEntry(description, 'pasp'));
    }
  });
});

describe('AAC', () => {
  it.each([
    ['48 kHz stereo', 48_000, 'stereo'],
    ['44.1 kHz mono', 44_100, 'mono'],
    ['96 kHz, more than 16 bits hold', 96_000, 'stereo'],
    ['five channels and one', 48_000, '5.1'],
  ])('%s', async (_, rate, layout) => {
    const file = join(folder, 'sound.aac');
    const filter = `sine=r=${rate}:d=0.2,aformat=channel_layouts=${layout}`;
    const encoder = ['-c:a', 'aac'];
    await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', filter, ...encoder, file]);
    const header = readAdtsHeader(await readFile(file), 0)!;
    const { description, timescale } = await theirs([filter, ...encoder]);
    expect(timescale).toBe(header.sampleRate);
    expect(configIn(bodyOf(describeSound(header)))).toEqual(configIn(description));
    const fields = (entry: Buffer) => readSampleEntry(entry).body.subarray(0, 28);
    expect(fields(bodyOf(describeSound(header)))).toEqual(fields(description));
  });

  it('is not described where its frames say themselves which channels there are', () => {
    const header = { objectType: 2, frequencyIndex: 3, channelConfig: 0, sampleRate: 48_000 };
    const rest = { headerBytes: 7, frameBytes: 100, samples: 1024 };
    expect(() => describeSound({ ...header, ...rest })).toThrow('how many channels');
  });
});

/** What the decoder is told: two bytes behind the tag and the length, and what FFmpeg adds to them. */
function configIn(description: Buffer): Buffer {
  const esds = bodyIn(readSampleEntry(description).body.subarray(28), 'esds')!;
  const found = /05(?:808080)?0[25](.{4})(?:.{6})?06/.exec(esds.toString('hex'));
  return Buffer.from(found![1]!, 'hex');
}
