import { NotCopyableError } from '../not-copyable.ts';
import type { FileWindow } from '../source/file-window.ts';
import type { RangedObject } from '../source/ranged-object.ts';
import type { FileSound } from './file-sound.ts';
import { readSpans } from './read-spans.ts';

// WAV: RIFF chunks with the size of a sample. Larger than 4 GB, it is RF64: EBU Tech 3306.

/** `wFormatTag`s whose samples all have one size: PCM, floating point, A-law and µ-law. */
const PLAIN_FORMATS: readonly number[] = [1, 3, 6, 7];
/** The format is the beginning of a GUID further on. */
const EXTENSIBLE = 0xfffe;
const SUBFORMAT_AT = 24;

const CHUNK_HEADER_BYTES = 8;
/** Largest format chunk there is, with some room. */
const MAX_FORMAT_BYTES = 64;
/** In place of a size: whoever wrote the file did not know it, or `ds64` tells it. */
const UNKNOWN_SIZES: readonly number[] = [0, 0xffffffff];

interface Wav {
  format: Buffer;
  dataStart: number;
  dataEnd: number;
}

/** @throws NotCopyableError when it is damaged, or its samples are compressed */
export async function openWav(object: RangedObject, window: FileWindow): Promise<FileSound> {
  const { format, dataStart, dataEnd } = await readChunks(window);
  const sampleRate = format.readUInt32LE(4);
  const sampleBytes = format.readUInt16LE(12);
  if (!isPlain(format) || sampleRate === 0 || sampleBytes === 0) {
    throw new NotCopyableError('the samples of the WAV are compressed');
  }
  return {
    sampleRate,
    sampleCount: Math.max(0, Math.floor((dataEnd - dataStart) / sampleBytes)),
    reading: 'ranges',
    excerpt: async (from, to) => {
      const span = { start: dataStart + from * sampleBytes, end: dataStart + to * sampleBytes };
      return { input: { bytes: wavOf(format, object, span), demuxer: 'wav' }, firstSample: from };
    },
  };
}

async function* wavOf(format: Buffer, object: RangedObject, span: { start: number; end: number }) {
  yield headerOf(format, span.end - span.start);
  yield* readSpans(object, [span]);
}

async function readChunks(window: FileWindow): Promise<Wav> {
  let format: Buffer | undefined;
  let largeDataBytes = 0;
  for (let at = 12; ; ) {
    const header = await window.bytes(at, CHUNK_HEADER_BYTES);
    if (header.length < CHUNK_HEADER_BYTES) throw new NotCopyableError('the WAV holds no samples');
    const type = header.toString('latin1', 0, 4);
    const size = header.readUInt32LE(4);
    const start = at + CHUNK_HEADER_BYTES;
    if (type === 'data' && format) {
      const isUnknown = UNKNOWN_SIZES.includes(size);
      const stated = isUnknown ? largeDataBytes || Number.POSITIVE_INFINITY : size;
      return { format, dataStart: start, dataEnd: Math.min(start + stated, window.size) };
    }
    if (type === 'ds64') largeDataBytes = readLargeSize(await window.bytes(start, 16));
    if (type === 'fmt ') {
      format = Buffer.from(await window.bytes(start, Math.min(size, MAX_FORMAT_BYTES)));
      if (format.length < 16) throw new NotCopyableError('the format of the WAV is cut off');
    }
    // Chunks begin at even places.
    at = start + size + (size % 2);
  }
}

/** The second of the sizes of 64 bits is that of the samples. */
function readLargeSize(sizes: Buffer): number {
  return sizes.length < 16 ? 0 : Number(sizes.readBigUInt64LE(8));
}

function isPlain(format: Buffer): boolean {
  const tag = format.readUInt16LE(0);
  if (tag !== EXTENSIBLE) return PLAIN_FORMATS.includes(tag);
  return (
    format.length >= SUBFORMAT_AT + 2 && PLAIN_FORMATS.includes(format.readUInt16LE(SUBFORMAT_AT))
  );
}

function headerOf(format: Buffer, dataBytes: number): Buffer {
  const chunk = (type: string, size: number) => {
    const header = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    header.writeUInt32LE(size, 4);
    return header;
  };
  const formatChunk = Buffer.concat([chunk('fmt ', format.length), format]);
  const data = chunk('data', dataBytes);
  const riffBytes = 4 + formatChunk.length + data.length + dataBytes;
  return Buffer.concat([chunk('RIFF', riffBytes), Buffer.from('WAVE'), formatChunk, data]);
}
