import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import { FileWindow } from '../source/file-window.ts';

// Boxes, the building blocks of MP4: ISO/IEC 14496-12, 4.2.

/** Where a box lies, in a file or a buffer. */
export interface Box {
  /** Its four characters, e.g. `moof`. */
  type: string;
  start: number;
  /** Behind its size and type. */
  bodyAt: number;
  /** May lie past the end of a file that is cut off. */
  end: number;
}

/** Size, type and the 64-bit size that may follow them. */
export const MAX_BOX_HEADER_BYTES = 16;
const BOX_HEADER_BYTES = 8;

/** Descriptions that we hold in memory are not longer; an hour of pictures takes 2 MB of them. */
const MAX_DESCRIPTION_BYTES = 64 << 20;

const damaged = (cause?: unknown) => new NotCopyableError('the MP4 is damaged', { cause });

/**
 * Reads the header of the box at `at`.
 * @param limit where a box ends that reaches to the end of its file
 * @param position of the buffer in the file
 * @returns nothing when the header is not whole
 */
export function readBox(bytes: Buffer, at: number, limit: number, position = 0): Box | undefined {
  if (at + BOX_HEADER_BYTES > bytes.length) return undefined;
  const type = bytes.toString('latin1', at + 4, at + BOX_HEADER_BYTES);
  const start = at + position;
  const size = bytes.readUInt32BE(at);
  if (size === 0) return { type, start, bodyAt: start + BOX_HEADER_BYTES, end: limit };
  if (size !== 1) return boxOf(type, start, BOX_HEADER_BYTES, size);
  if (at + MAX_BOX_HEADER_BYTES > bytes.length) return undefined;
  const largeSize = Number(bytes.readBigUInt64BE(at + BOX_HEADER_BYTES));
  return boxOf(type, start, MAX_BOX_HEADER_BYTES, largeSize);
}

function boxOf(type: string, start: number, headerBytes: number, size: number): Box {
  const end = start + size;
  if (size < headerBytes || !Number.isSafeInteger(end)) throw damaged();
  return { type, start, bodyAt: start + headerBytes, end };
}

/** The boxes in the body of another one. */
export function* boxesIn(body: Buffer): Generator<{ type: string; body: Buffer }> {
  for (let at = 0; ; ) {
    const box = readBox(body, at, body.length);
    if (!box) return;
    if (box.end > body.length) throw damaged();
    yield { type: box.type, body: body.subarray(box.bodyAt, box.end) };
    at = box.end;
  }
}

/** The body of the first box of a type at the end of a path of types. */
export function bodyIn(body: Buffer, ...path: readonly string[]): Buffer | undefined {
  let inner: Buffer | undefined = body;
  for (const type of path) inner = inner && bodiesIn(inner, type)[0];
  return inner;
}

export function bodiesIn(body: Buffer, type: string): Buffer[] {
  return [...boxesIn(body)].filter((box) => box.type === type).map((box) => box.body);
}

/** @throws NotCopyableError when there is none */
export function neededBody(body: Buffer, ...path: readonly string[]): Buffer {
  const found = bodyIn(body, ...path);
  if (!found) throw damaged();
  return found;
}

/** The boxes of a file. Only their headers are read; the last one may not be whole. */
export async function* fileBoxes(window: FileWindow, signal?: AbortSignal): AsyncGenerator<Box> {
  for (let at = 0; ; ) {
    signal?.throwIfAborted();
    if (at >= window.size) return;
    const box = readBox(await window.bytes(at, MAX_BOX_HEADER_BYTES), 0, window.size, at);
    if (!box) throw damaged();
    yield box;
    at = box.end;
  }
}

/** @throws NotCopyableError when the box is not whole or too large to be what it says */
export async function readBody(window: FileWindow, { bodyAt, end }: Box): Promise<Buffer> {
  if (end > window.size || end - bodyAt > MAX_DESCRIPTION_BYTES) throw damaged();
  return window.bytes(bodyAt, end - bodyAt);
}

/** The body of the `moov` box of a file, which describes its tracks. @returns nothing where there is none */
export async function readMovieBody(file: string): Promise<Buffer | undefined> {
  const reader = new FileReader();
  try {
    return await movieBodyIn(await FileWindow.open(reader, file, MAX_BOX_HEADER_BYTES));
  } finally {
    await reader.close();
  }
}

/** As {@link readMovieBody}. */
export async function movieBodyIn(window: FileWindow): Promise<Buffer | undefined> {
  for await (const box of fileBoxes(window)) {
    if (box.type === 'moov') return readBody(window, box);
  }
  return undefined;
}

/** Units per second, of a movie (`mvhd`) or of a track (`mdhd`). @throws RangeError when it is cut off */
export const readTimescale = (header: Buffer): number =>
  header.readUInt32BE(readVersion(header) === 1 ? 20 : 12);

/** Reads fields that may not all be there. @throws NotCopyableError past the end of a box */
export function parse<Value>(parser: () => Value): Value {
  try {
    return parser();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw damaged(error);
  }
}

/** `version` and `flags`, with which many boxes begin. */
export const readVersion = (body: Buffer) => body.readUInt8(0);
export const readFlags = (body: Buffer) => body.readUIntBE(1, 3);
