import { expect } from 'vitest';
import { PermanentError } from '../../errors.ts';
import { chooseRendition, isMasterPlaylist, type Rendition } from './master-playlist.ts';
import { type Piece, parseMediaPlaylist, type TrackPlaylist } from './media-playlist.ts';

const FOLDER = 'ep1/tracks/main/';
const KEY = `${FOLDER}hls/index.m3u8`;

/** Reads a playlist as the extractor does. @returns what it says, or the error that refuses it */
export function readHostile(text: string): TrackPlaylist | Rendition | PermanentError {
  try {
    return isMasterPlaylist(text)
      ? chooseRendition(text, KEY, FOLDER, 'best')
      : parseMediaPlaylist(text, KEY, FOLDER);
  } catch (error) {
    expect(error).toBeInstanceOf(PermanentError);
    const refusal = error as PermanentError;
    expect(refusal.code).toMatch(/^PLAYLIST_(INVALID|UNSUPPORTED)$/);
    expect(refusal.message.length).toBeLessThan(500);
    return refusal;
  }
}

/** Whatever a playlist says: it stays in its folder, and its numbers can be reckoned with. */
export function expectSane(read: TrackPlaylist | Rendition): void {
  if ('pictureKey' in read) {
    expectInside(read.pictureKey);
    if (read.soundKey) expectInside(read.soundKey);
    for (const number of [read.height, read.bandwidth]) {
      expect(number === undefined || (Number.isSafeInteger(number) && number > 0)).toBe(true);
    }
    return;
  }
  const { chunks, runs, durationUs, targetDurationUs } = read;
  for (const number of [durationUs, targetDurationUs]) {
    expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
  }
  let startUs = 0;
  for (const chunk of chunks) {
    expect(chunk.startUs).toBe(startUs);
    expect(chunk.durationUs).toBeGreaterThan(0);
    startUs += chunk.durationUs;
    expectSanePiece(chunk);
  }
  expect(startUs).toBe(durationUs);
  expect(runs.reduce((count, { first, last }) => count + last - first + 1, 0)).toBe(chunks.length);
  for (const { init } of runs) if (init) expectSanePiece(init);
}

function expectSanePiece({ key, range, encryption }: Piece): void {
  expectInside(key);
  if (encryption) {
    expectInside(encryption.keyKey);
    expect(encryption.iv).toHaveLength(16);
  }
  if (!range) return;
  expect(range.offset >= 0 && range.length > 0).toBe(true);
  expect(Number.isSafeInteger(range.offset + range.length)).toBe(true);
}

function expectInside(key: string): void {
  expect(key.startsWith(FOLDER) && key.length > FOLDER.length).toBe(true);
  expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
  expect(key).not.toMatch(/[\\\p{Cc}]|(^|\/)\.{0,2}(\/|$)/u);
}
