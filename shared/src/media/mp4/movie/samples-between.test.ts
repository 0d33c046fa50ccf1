import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NotCopyableError } from '../../not-copyable.ts';
import { bodyIn, neededBody } from '../boxes.ts';
import { fullBox, uint32 } from './box-writer.ts';
import { readSampleTables } from './read-tables.ts';
import { samplesBetween, soundExtent } from './samples-between.ts';
import { type SampleTables, sampleTableBox } from './write-tables.ts';

const DESCRIPTION = fullBox('stsd', {}, uint32(0));

const tablesOf = (tables: SampleTables, hasLargeOffsets = false): Buffer =>
  neededBody(sampleTableBox(DESCRIPTION, tables, hasLargeOffsets), 'stbl');

/** Tracks of sound: samples of several lengths, in chunks of several sizes. */
const tracks = fc
  .array(
    fc.array(fc.record({ bytes: fc.nat(500), duration: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 1,
      maxLength: 5,
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((chunks): SampleTables => {
    let offset = 1_000;
    const places = chunks.map((chunk) => {
      const place = { offset, count: chunk.length };
      offset += 10 + chunk.reduce((sum, { bytes }) => sum + bytes, 0);
      return place;
    });
    const samples = chunks.flat().map((sample) => ({ ...sample, delay: 0, isSync: true }));
    return { samples, chunks: places };
  });

it('finds the samples that reading all of them finds', () => {
  const range = fc.tuple(fc.nat(100), fc.nat(60));
  fc.assert(
    fc.property(tracks, range, fc.boolean(), (track, [from, length], hasLargeOffsets) => {
      const tables = tablesOf(track, hasLargeOffsets);
      const all = readSampleTables(tables);
      const to = from + length;
      const wanted = all
        .filter(({ pts, duration }) => pts < to && pts + duration > from)
        .map(({ start, end, pts, duration }) => ({ start, end, time: pts, duration }));
      expect(samplesBetween(tables, from, to)).toEqual(wanted);
      const units = all.reduce((sum, { duration }) => sum + duration, 0);
      expect(soundExtent(tables)).toEqual({ count: all.length, units });
    }),
    { seed: 3 },
  );
});

it('refuses tables that do not fit together', () => {
  const chunks = [{ offset: 0, count: 2 }];
  const sample = { bytes: 9, duration: 4, delay: 0, isSync: true };
  // Three samples, of which chunks hold two.
  const lacking = tablesOf({ samples: [sample, sample, sample], chunks });
  expect(() => samplesBetween(lacking, 0, 100)).toThrow(NotCopyableError);
  const tables = tablesOf({ samples: [sample, sample], chunks });
  const sizes = bodyIn(tables, 'stsz')!;
  sizes.writeUInt32BE(3, 8);
  expect(() => soundExtent(tables)).toThrow(NotCopyableError);
});
