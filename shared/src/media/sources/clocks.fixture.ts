import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { boxesIn, neededBody, readBox } from '../mp4/boxes.ts';
import { parseInitialization, type Track } from '../mp4/tracks/initialization.ts';
import { CLOCK_HZ, readTimestamp, writeTimestamp } from '../transport-stream/clock.ts';
import {
  PACKET_BYTES,
  readPacketHeader,
  TS_HEADER_BYTES,
} from '../transport-stream/packets/packets.ts';
import type { TestEpisode } from './judged.fixture.ts';
import { chunksOf, type PackagedChunk, packageOf } from './packages.fixture.ts';

/** The same bytes on another clock, so many seconds ahead; a chunk of fMP4 with its `init`. */
export function onOtherClock(chunk: Buffer, seconds: number, init?: Buffer): Buffer {
  const moved = Buffer.from(chunk);
  if (init) moveFragments(moved, seconds, parseInitialization(init).tracks);
  else if (moved.toString('latin1', 0, 3) === 'ID3') moveTag(moved, seconds);
  else movePackets(moved, seconds * CLOCK_HZ);
  return moved;
}

function movePackets(stream: Buffer, ticks: number): void {
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    const { isStart, payloadAt, pid } = readPacketHeader(stream, at);
    const hasClock = (stream[at + 3]! & 0x20) !== 0 && stream[at + 4]! > 0;
    if (hasClock && (stream[at + 5]! & 0x10) !== 0)
      moveReference(stream, at + TS_HEADER_BYTES + 2, ticks);
    if (!isStart || pid < 0x20 || stream.readUIntBE(payloadAt, 3) !== 1) continue;
    const flags = stream[payloadAt + 7]! >> 6;
    for (const place of [9, 14].slice(0, flags === 3 ? 2 : flags === 2 ? 1 : 0)) {
      const from = payloadAt + place;
      writeTimestamp(stream, from, readTimestamp(stream, from) + ticks, stream[from]! >> 4);
    }
  }
}

/** The reference clock: 33 bits, and others that stay. */
function moveReference(stream: Buffer, at: number, ticks: number): void {
  const base = stream.readUInt32BE(at) * 2 + (stream[at + 4]! >> 7);
  const moved = (((base + ticks) % 2 ** 33) + 2 ** 33) % 2 ** 33;
  stream.writeUInt32BE(Math.floor(moved / 2), at);
  stream[at + 4] = (stream[at + 4]! & 0x7f) | (moved % 2 ? 0x80 : 0);
}

function moveFragments(chunk: Buffer, seconds: number, tracks: readonly Track[]): void {
  for (let at = 0; ; ) {
    const box = readBox(chunk, at, chunk.length);
    if (!box) return;
    at = box.end;
    if (box.type !== 'moof') continue;
    for (const { type, body } of boxesIn(chunk.subarray(box.bodyAt, box.end))) {
      if (type !== 'traf') continue;
      const id = neededBody(body, 'tfhd').readUInt32BE(4);
      const { timescale } = tracks.find((track) => track.id === id)!;
      const time = neededBody(body, 'tfdt');
      if (time[0] === 1) {
        time.writeBigUInt64BE(time.readBigUInt64BE(4) + BigInt(seconds * timescale), 4);
      } else time.writeUInt32BE(time.readUInt32BE(4) + seconds * timescale, 4);
    }
  }
}

const OWNER = 'com.apple.streaming.transportStreamTimestamp\0';

function moveTag(chunk: Buffer, seconds: number): void {
  const at = chunk.indexOf(OWNER) + OWNER.length;
  chunk.writeBigUInt64BE(chunk.readBigUInt64BE(at) + BigInt(seconds * CLOCK_HZ), at);
}

/** How the chunks of an episode are listed anew. */
export interface Relisting {
  /** By how many seconds the clock of a chunk is ahead. */
  aheadSeconds?: (n: number, startSeconds: number) => number;
  /** What EXTINF says of a chunk, where that is not what it is. */
  listedSeconds?: (seconds: number) => number;
  without?: readonly number[];
}

/** All chunks of an episode in one run: as if there were one clock. */
export async function relisted(
  playlistPath: string,
  folder: string,
  { aheadSeconds = () => 0, listedSeconds = (seconds) => seconds, without = [] }: Relisting,
): Promise<string> {
  const dir = await mkdtemp(join(folder, 'clocks-'));
  const chunks: PackagedChunk[] = [];
  let startSeconds = 0;
  for (const [n, chunk] of (await chunksOf({ playlistPath })).entries()) {
    const init = chunk.init === undefined ? undefined : await readFile(chunk.init);
    const ahead = aheadSeconds(n, startSeconds);
    const file = join(dir, `${n}${extname(chunk.file)}`);
    const bytes = await readFile(chunk.file);
    await writeFile(file, ahead === 0 ? bytes : onOtherClock(bytes, ahead, init));
    chunks.push({ ...chunk, file, seconds: listedSeconds(chunk.seconds) });
    startSeconds += chunk.seconds;
  }
  return packageOf([chunks], folder, without);
}

/** The same for an episode with all its playlists. */
export async function onClocks(
  episode: TestEpisode,
  folder: string,
  relisting: Relisting,
): Promise<TestEpisode> {
  const { playlistPath, soundPlaylistPath } = episode;
  return {
    ...episode,
    playlistPath: await relisted(playlistPath, folder, relisting),
    ...(soundPlaylistPath
      ? { soundPlaylistPath: await relisted(soundPlaylistPath, folder, relisting) }
      : {}),
  };
}
