import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TsFile } from './index-transport-stream.ts';
import { indexTransportStream } from './index-transport-stream.ts';
import { PACKET_BYTES, readPacketHeader } from './packets/packets.ts';
import type { WrittenStreams } from './packets/tables.ts';
import { type TimedPacket, writeTransportStream } from './writing/write-transport-stream.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

export const SPS = Buffer.from([0x67, 0x64, 0x00, 0x1f, 0xac]);
export const PPS = Buffer.from([0x68, 0xeb, 0xe3]);
const START = Buffer.from([0, 0, 0, 1]);

/** A picture of H.264 of so many bytes in its only slice, none of which looks like a start code. */
export function picture(bytes: number, isIdr: boolean): Buffer {
  const slice = Buffer.alloc(Math.max(2, bytes), 0xab);
  slice[0] = isIdr ? 0x65 : 0x41;
  const sets = isIdr ? [START, SPS, START, PPS] : [];
  return Buffer.concat([START, Buffer.from([0x09, 0xf0]), ...sets, START, slice]);
}

export async function written(
  packets: readonly TimedPacket[],
  streams: WrittenStreams,
): Promise<Buffer> {
  async function* each() {
    yield* packets;
  }
  const parts: Buffer[] = [];
  for await (const part of writeTransportStream(each(), streams)) parts.push(part);
  return Buffer.concat(parts);
}

export async function save(folder: string, name: string, bytes: Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  return file;
}

/** @param files paths of whole chunks, or what to take of them */
export const indexOf = (...files: (string | TsFile)[]) =>
  indexTransportStream(
    files.map((file) => (typeof file === 'string' ? { path: file, take: 'all' } : file)),
    signal,
  );

/** Small moving pictures and a tone, encoded by FFmpeg. @param output its options */
export async function encoded(folder: string, name: string, output: string[]): Promise<string> {
  const file = join(folder, name);
  await run('ffmpeg', [
    ...['-nostdin', '-y', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=192x108:r=30:d=4'],
    ...['-f', 'lavfi', '-i', 'sine=440:r=48000:d=4', ...output, '-f', 'mpegts', file],
  ]);
  return file;
}

/** The packets of a stream as FFmpeg sees them, in ticks. */
export async function probed(file: string, stream: 'v' | 'a') {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', `${stream}:0`, '-of', 'csv=p=0', '-f', 'mpegts'],
    ...['-show_entries', 'packet=pts,duration,flags', file],
  ]);
  return (
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(','))
      // Side data has lines of its own.
      .filter(({ length }) => length >= 3)
      .map(([pts, ticks, flags]) => ({
        pts: Number(pts),
        ticks: Number(ticks),
        isKey: flags!.includes('K'),
      }))
  );
}

/** What FFmpeg decodes of a stream, in short. It stops at the first error. */
export async function decodedHash(file: string, stream: 'v' | 'a'): Promise<string> {
  const { stdout } = await run('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-xerror', '-err_detect', 'explode', '-f', 'mpegts', '-i', file],
    ...['-map', `0:${stream}:0`, '-f', 'md5', '-'],
  ]);
  return stdout.trim();
}

/** Where the packets of a stream lie that satisfy a condition. */
export function packetsOf(stream: Buffer, pid: number, isStart?: boolean): number[] {
  const found: number[] = [];
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    const header = readPacketHeader(stream, at);
    const matches = isStart === undefined || header.isStart === isStart;
    if (header.pid === pid && matches) found.push(at);
  }
  return found;
}
