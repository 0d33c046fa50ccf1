import { NotCopyableError } from '../../not-copyable.ts';
import type { ByteSpan } from '../../source/media-index.ts';
import { bodyIn, neededBody } from '../boxes.ts';

// The sample tables of a plain MP4: ISO/IEC 14496-12, 8.6 and 8.7.

/** A picture or a frame of sound, where it lies in the file, and when it is due. */
export interface MovieSample extends ByteSpan {
  dts: number;
  pts: number;
  duration: number;
  /** Whether a player may begin here. */
  isSync: boolean;
}

/** Pictures of 19 hours at 60 a second: a table that says more is damaged. */
const MAX_SAMPLES = 1 << 22;

const damaged = () => new NotCopyableError('the MP4 is damaged');

/**
 * @param tables the body of the `stbl` box
 * @returns the samples in decoding order
 * @throws RangeError or NotCopyableError when the tables do not fit together
 */
export function readSampleTables(tables: Buffer): MovieSample[] {
  const durations = runsIn(neededBody(tables, 'stts'), (body, at) => body.readUInt32BE(at));
  const composition = bodyIn(tables, 'ctts');
  // Offsets may be negative in either version: FFmpeg, too, reads them so.
  const delays = composition ? runsIn(composition, (body, at) => body.readInt32BE(at)) : [];
  const syncNumbers = bodyIn(tables, 'stss');
  const sync = syncNumbers && new Set(valuesIn(syncNumbers));
  const sizes = sizesIn(neededBody(tables, 'stsz'));
  const starts = startsIn(tables, sizes);
  if (sizes.length !== durations.length) throw damaged();
  let dts = 0;
  return durations.map((duration, n) => {
    const isSync = sync?.has(n + 1) ?? true;
    const start = starts[n]!;
    const end = start + sizes[n]!;
    const sample = { start, end, dts, pts: dts + (delays[n] ?? 0), duration, isSync };
    dts += duration;
    return sample;
  });
}

/** Where the samples begin, which lie behind each other in chunks: numbers alone, as there are many of them. */
function startsIn(tables: Buffer, sizes: readonly number[]): Float64Array {
  const starts = new Float64Array(sizes.length);
  const offsets = offsetsIn(tables);
  const groups = valuesIn(neededBody(tables, 'stsc'), 3);
  let group = 0;
  let sample = 0;
  for (const [chunk, offset] of offsets.entries()) {
    if (groups[group + 3] === chunk + 1) group += 3;
    let start = offset;
    for (let n = 0; n < groups[group + 1]! && sample < sizes.length; n++) {
      starts[sample] = start;
      start += sizes[sample++]!;
    }
  }
  if (sample < sizes.length) throw damaged();
  return starts;
}

function sizesIn(body: Buffer): number[] {
  const [common, count] = [body.readUInt32BE(4), body.readUInt32BE(8)];
  if (count > MAX_SAMPLES) throw damaged();
  return Array.from({ length: count }, (_, n) => common || body.readUInt32BE(12 + n * 4));
}

function offsetsIn(tables: Buffer): number[] {
  const large = bodyIn(tables, 'co64');
  if (!large) return valuesIn(neededBody(tables, 'stco'));
  const halves = valuesIn(large, 2);
  return Array.from({ length: halves.length / 2 }, (_, n) => {
    const offset = halves[n * 2]! * 2 ** 32 + halves[n * 2 + 1]!;
    if (!Number.isSafeInteger(offset)) throw damaged();
    return offset;
  });
}

/** The numbers of a table that counts its entries. @param width numbers to an entry */
function valuesIn(body: Buffer, width = 1): number[] {
  const count = body.readUInt32BE(4) * width;
  if (count > MAX_SAMPLES) throw damaged();
  return Array.from({ length: count }, (_, n) => body.readUInt32BE(8 + n * 4));
}

/** One value per sample, from a table that counts how many samples in a row have the same. */
function runsIn(body: Buffer, valueAt: (body: Buffer, at: number) => number): number[] {
  const values: number[] = [];
  const runs = body.readUInt32BE(4);
  for (let at = 8; at < 8 + runs * 8; at += 8) {
    const count = body.readUInt32BE(at);
    if (values.length + count > MAX_SAMPLES) throw damaged();
    const value = valueAt(body, at + 4);
    for (let n = 0; n < count; n++) values.push(value);
  }
  return values;
}
