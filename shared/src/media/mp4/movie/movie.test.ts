import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError } from '../../not-copyable.ts';
import { box } from './box-writer.ts';
import { readMovie } from './read-movie.ts';
import { fileTypeBox, mediaHeader, movieBox, type WrittenTrack } from './write-movie.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-movie-'));
});
afterAll(() => rm(folder, { recursive: true }));

const sampleArbitrary = fc.record({
  bytes: fc.nat(1 << 20),
  duration: fc.integer({ min: 1, max: 9_000 }),
  delay: fc.nat(9_000),
  isSync: fc.boolean(),
});

/** Samples in chunks that lie anywhere, as pieces of a segment do. */
const trackArbitrary = (maxOffset: number) =>
  fc
    .record({
      kind: fc.constantFrom('video' as const, 'audio' as const),
      timescale: fc.constantFrom(90_000, 48_000, 44_100),
      startsAt: fc.nat(9_000),
      chunks: fc.array(
        fc.record({
          offset: fc.nat(maxOffset),
          samples: fc.array(sampleArbitrary, { minLength: 1, maxLength: 5 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    })
    .map(
      ({ chunks, ...track }): WrittenTrack => ({
        ...track,
        description: box('stsd', Buffer.alloc(8)),
        size: { width: 1920, height: 1080 },
        shownTicks: 123_456,
        tables: {
          samples: chunks.flatMap(({ samples }) => samples),
          chunks: chunks.map(({ offset, samples }) => ({ offset, count: samples.length })),
        },
      }),
    );

async function readBack(movie: Buffer) {
  const file = join(folder, 'movie.mp4');
  await writeFile(file, Buffer.concat([fileTypeBox(), movie]));
  return readMovie(file);
}

/** The samples of a track as whoever reads the file must find them. */
function expectedSamples({ tables: { samples, chunks } }: WrittenTrack) {
  const offsets = chunks.flatMap(({ offset, count }) =>
    Array.from({ length: count }, (_, n) => (n === 0 ? offset : undefined)),
  );
  let dts = 0;
  let end = 0;
  return samples.map(({ bytes, duration, delay, isSync }, n) => {
    const start = offsets[n] ?? end;
    end = start + bytes;
    const sample = { start, end, dts, pts: dts + delay, duration, isSync };
    dts += duration;
    return sample;
  });
}

describe('the header of an MP4', () => {
  it.each([
    [false, 2 ** 31 - 1],
    [true, 2 ** 40],
  ])('says where each sample lies and when it is due; large offsets: %s', async (isLarge, max) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(trackArbitrary(max), { minLength: 1, maxLength: 2 }),
        async (all) => {
          const read = await readBack(movieBox(all, isLarge));
          expect(read.map(({ samples }) => samples)).toEqual(all.map(expectedSamples));
          expect(read.map(({ startsAt, timescale }) => [startsAt, timescale])).toEqual(
            all.map(({ startsAt, timescale }) => [startsAt, timescale]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is as long before the sizes and places are known', () => {
    fc.assert(
      fc.property(trackArbitrary(2 ** 31 - 1), (track) => {
        const unknown: WrittenTrack = {
          ...track,
          tables: {
            samples: track.tables.samples.map((sample) => ({ ...sample, bytes: 0 })),
            chunks: track.tables.chunks.map(({ count }) => ({ offset: 0, count })),
          },
        };
        expect(movieBox([unknown], false)).toHaveLength(movieBox([track], false).length);
      }),
    );
  });

  it('holds durations of more than 32 bits', async () => {
    const [track] = fc.sample(trackArbitrary(1_000), 1);
    const shownTicks = 14 * 3_600 * 90_000;
    const samples = [{ bytes: 1, duration: 2 ** 32 - 1, delay: 0, isSync: true }];
    const long = { samples: [...samples, ...samples], chunks: [{ offset: 0, count: 2 }] };
    const [read] = await readBack(movieBox([{ ...track!, shownTicks, tables: long }], false));
    expect(read!.samples.at(-1)).toMatchObject({ dts: 2 ** 32 - 1, duration: 2 ** 32 - 1 });
    expect(read!.startsAt).toBe(track!.startsAt);
  });

  it('is found behind media of more than 32 bits', async () => {
    const [track] = fc.sample(trackArbitrary(2 ** 33), 1);
    const file = join(folder, 'large.mp4');
    const mediaBytes = 2 ** 33;
    await writeFile(file, Buffer.concat([fileTypeBox(), mediaHeader(mediaBytes)]));
    await truncate(file, fileTypeBox().length + mediaBytes);
    await writeFile(file, movieBox([track!], true), { flag: 'a' });
    const [read] = await readMovie(file);
    expect(read!.samples).toEqual(expectedSamples(track!));
  });

  it('is read or refused, whatever in it changes', async () => {
    const [track] = fc.sample(trackArbitrary(1_000), 1);
    const movie = movieBox([track!], false);
    await fc.assert(
      fc.asyncProperty(fc.nat(movie.length - 1), fc.nat(255), async (at, value) => {
        const changed = Buffer.from(movie);
        changed[at] = value;
        await readBack(changed).catch((error: unknown) => {
          if (!(error instanceof NotCopyableError)) throw error;
        });
      }),
      { numRuns: 300 },
    );
  });
});
