import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileReader } from '../source/file-reader.ts';
import type { MediaIndex } from '../source/media-index.ts';
import { readBox } from './boxes.ts';
import type { FragmentedFile } from './index-fragmented-mp4.ts';

const run = promisify(execFile);

/** Fragmented MP4 as FFmpeg makes it. */
export interface Fragmented {
  init: string;
  chunks: string[];
  /** All of it in one file, for FFmpeg to read. */
  whole: string;
}

/** Files for the index, to be read whole. */
export const wholeFiles = (paths: readonly string[]): FragmentedFile[] =>
  paths.map((path) => ({ path, take: 'all' }));

const PICTURES = 'testsrc=duration=4:size=160x120:rate=';
const SOUND = 'sine=frequency=440:sample_rate=48000:duration=4';

/** A picture that moves, and a tone. @param rate in Hz */
export const inputs = (rate = '25') => [
  ...['-f', 'lavfi', '-i', `${PICTURES}${rate}`],
  ...['-f', 'lavfi', '-i', SOUND],
];

/** H.264 with B-frames and closed groups of a second. */
export const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '25'];

export const AAC = ['-c:a', 'aac'];

export const ffmpeg = (args: readonly string[], cwd: string) =>
  run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args], { cwd });

/** As HLS has it: an init section, and a chunk about every second. */
export async function makeHls(args: readonly string[], folder: string): Promise<Fragmented> {
  const dir = await mkdtemp(join(folder, 'hls-'));
  await ffmpeg(
    [
      ...args,
      ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_time', '1', '-hls_list_size', '0'],
      ...['-hls_segment_filename', '%03d.m4s', 'index.m3u8'],
    ],
    dir,
  );
  const names = (await readdir(dir)).filter((name) => name.endsWith('.m4s')).sort();
  return joined(
    join(dir, 'init.mp4'),
    names.map((name) => join(dir, name)),
    dir,
  );
}

/**
 * A file with these flags, cut up before every fragment.
 * @param movflags of FFmpeg's `mp4` muxer
 */
export async function makeFile(
  args: readonly string[],
  movflags: string,
  folder: string,
): Promise<Fragmented> {
  const dir = await mkdtemp(join(folder, 'file-'));
  await ffmpeg([...args, '-movflags', movflags, '-f', 'mp4', 'made.mp4'], dir);
  const bytes = await readFile(join(dir, 'made.mp4'));
  const starts = [...boxStarts(bytes)].filter(({ type }) => type === 'moof');
  const cuts = [0, ...starts.map(({ start }) => start), bytes.length];
  const parts: string[] = [];
  for (const [n, from] of cuts.slice(0, -1).entries()) {
    parts.push(join(dir, `${n}.part`));
    await writeFile(parts[n]!, bytes.subarray(from, cuts[n + 1]));
  }
  return joined(parts[0]!, parts.slice(1), dir);
}

function* boxStarts(bytes: Buffer) {
  for (let at = 0; ; ) {
    const box = readBox(bytes, at, bytes.length);
    if (!box) return;
    yield box;
    at = box.end;
  }
}

async function joined(init: string, chunks: string[], dir: string): Promise<Fragmented> {
  const whole = join(dir, 'whole.mp4');
  await writeFile(
    whole,
    Buffer.concat(await Promise.all([init, ...chunks].map((f) => readFile(f)))),
  );
  return { init, chunks, whole };
}

/** What FFprobe says of the packets of a stream, with times in ticks of 90 kHz. */
export async function probePackets(file: string, stream: 'v' | 'a') {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', stream, '-of', 'json', '-show_entries'],
    ...['stream=time_base:packet=pts,size,flags', file],
  ]);
  const { streams, packets } = JSON.parse(stdout) as {
    streams: { time_base: string }[];
    packets: { pts: number; size: string; flags: string }[];
  };
  const [numerator, denominator] = streams[0]!.time_base.split('/').map(Number);
  const ticks = (time: number) => Math.round((time * numerator! * 90_000) / denominator!);
  return packets.map(({ pts, size, flags }) => ({
    pts: ticks(pts),
    size: Number(size),
    isKey: flags.includes('K'),
  }));
}

/** All pictures of an index, as their byte streams. */
export async function readPictures({ pictures }: MediaIndex): Promise<Buffer[]> {
  const reader = new FileReader();
  try {
    const all: Buffer[] = [];
    for (const unit of pictures!.units) all.push(await pictures!.read(reader, unit));
    return all;
  } finally {
    await reader.close();
  }
}

/** All sound of an index, as a transport stream carries it. */
export async function readSound({ sound }: MediaIndex): Promise<Buffer> {
  const reader = new FileReader();
  try {
    const all: Buffer[] = [];
    for (const packet of sound!.packets) all.push(await sound!.read(reader, packet));
    return Buffer.concat(all);
  } finally {
    await reader.close();
  }
}
