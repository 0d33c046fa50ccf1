import { box, fullBox, table32, uint32, zeros } from './box-writer.ts';

// The sample tables of a plain MP4: ISO/IEC 14496-12, 8.5 to 8.7.

/** A picture or a frame of sound, in units of its track's timescale. */
export interface TimedSample {
  bytes: number;
  /** From its decoding to that of the next one. */
  duration: number;
  /** From its decoding to its showing; never negative. */
  delay: number;
  /** Whether a player may begin here. */
  isSync: boolean;
}

/** Samples that lie behind each other in the file. */
export interface SampleChunk {
  /** Where the first of them begins. */
  offset: number;
  count: number;
}

/** The samples of a track in decoding order, and where they lie. */
export interface SampleTables {
  samples: readonly TimedSample[];
  chunks: readonly SampleChunk[];
}

/** Offsets from here on need 64 bits. */
const LARGE_OFFSET = 2 ** 32;

/**
 * The `stbl` box.
 * @param description the `stsd` box: what kind of samples they are
 * @param hasLargeOffsets whether to write 64 bits for each offset, whatever they are; its size depends on that
 *   alone, so that it can be told before they are known
 */
export function sampleTableBox(
  description: Buffer,
  { samples, chunks }: SampleTables,
  hasLargeOffsets: boolean,
): Buffer {
  const durations = runs(samples.map(({ duration }) => duration));
  const isReordered = samples.some(({ delay }) => delay > 0);
  const syncNumbers = samples.flatMap(({ isSync }, n) => (isSync ? [n + 1] : []));
  return box(
    'stbl',
    description,
    counted('stts', durations.flat(), durations.length),
    ...(isReordered ? [compositionOffsets(samples)] : []),
    // Without it, all of them are.
    ...(syncNumbers.length < samples.length ? [counted('stss', syncNumbers)] : []),
    samplesToChunks(chunks),
    fullBox('stsz', {}, uint32(0, samples.length), table32(samples.map(({ bytes }) => bytes))),
    chunkOffsets(chunks, hasLargeOffsets),
  );
}

const counted = (type: string, values: readonly number[], count = values.length) =>
  fullBox(type, {}, uint32(count), table32(values));

function compositionOffsets(samples: readonly TimedSample[]): Buffer {
  const delays = runs(samples.map(({ delay }) => delay));
  return counted('ctts', delays.flat(), delays.length);
}

/** How many values in a row are the same, and which. */
function runs(values: readonly number[]): [count: number, value: number][] {
  const found: [count: number, value: number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.[1] === value) last[0]++;
    else found.push([1, value]);
  }
  return found;
}

/** From which chunk on there are how many samples in each, all of the first description. */
function samplesToChunks(chunks: readonly SampleChunk[]): Buffer {
  const entries = chunks.flatMap(({ count }, n) =>
    count === chunks[n - 1]?.count ? [] : [n + 1, count, 1],
  );
  return counted('stsc', entries, entries.length / 3);
}

function chunkOffsets(chunks: readonly SampleChunk[], isLarge: boolean): Buffer {
  const count = uint32(chunks.length);
  if (!isLarge) return fullBox('stco', {}, count, table32(chunks.map(({ offset }) => offset)));
  const offsets = zeros(chunks.length * 8);
  chunks.forEach(({ offset }, n) => {
    offsets.writeUInt32BE(Math.floor(offset / LARGE_OFFSET), n * 8);
    offsets.writeUInt32BE(offset % LARGE_OFFSET, n * 8 + 4);
  });
  return fullBox('co64', {}, count, offsets);
}
