import { type FileHandle, open } from 'node:fs/promises';
import { runChild } from '../sample/child.ts';
import type { FileVerdict } from './verdict.ts';

/** What ffprobe tells of a file; absent where it cannot read it. */
interface Probe {
  readonly streams?: readonly {
    readonly codec_type: string;
    readonly codec_name?: string;
    readonly width?: number;
    readonly height?: number;
    readonly duration?: string;
  }[];
  readonly format?: { readonly duration?: string };
  readonly packets?: readonly {
    readonly stream_index: number;
    readonly pts?: number;
    readonly dts?: number;
  }[];
}

/** Examines a clip as a file: its structure, time stamps and stated durations. */
export async function judgeFile(
  tools: { readonly ffmpegPath: string; readonly ffprobePath: string },
  clipPath: string,
  wantedMs: number,
): Promise<FileVerdict> {
  const [probe, strictDecodeError, faststart] = [
    await probeClip(tools.ffprobePath, clipPath),
    await strictDecode(tools.ffmpegPath, clipPath),
    await isFaststart(clipPath),
  ];
  const video = probe.streams?.find(({ codec_type }) => codec_type === 'video');
  const audio = probe.streams?.find(({ codec_type }) => codec_type === 'audio');
  const errorOf = (duration: string | undefined) =>
    duration === undefined ? undefined : Number(duration) * 1000 - wantedMs;
  return {
    videoCodec: video?.codec_name,
    audioCodec: audio?.codec_name,
    width: video?.width,
    height: video?.height,
    durationErrorMs: {
      container: errorOf(probe.format?.duration),
      video: errorOf(video?.duration),
      audio: errorOf(audio?.duration),
    },
    ...judgePackets(probe.packets ?? []),
    strictDecodeError,
    faststart,
  };
}

async function probeClip(ffprobePath: string, clipPath: string): Promise<Probe> {
  const { stdout } = await runChild(ffprobePath, [
    ...['-v', 'error', '-of', 'json', '-show_entries'],
    'packet=stream_index,pts,dts:stream=codec_type,codec_name,width,height,duration:format=duration',
    clipPath,
  ]);
  const text = stdout.toString('utf8').trim();
  return text === '' ? {} : JSON.parse(text);
}

/** Whether time stamps rise as a decoder needs them: DTS per stream, and no PTS before its DTS. */
export function judgePackets(
  packets: NonNullable<Probe['packets']>,
): Pick<FileVerdict, 'dtsMonotonic' | 'ptsBeforeDts'> {
  const lastDts = new Map<number, number>();
  let dtsMonotonic = true;
  let ptsBeforeDts = 0;
  for (const { stream_index: stream, pts, dts } of packets) {
    if (dts === undefined || pts === undefined) {
      dtsMonotonic = false;
      continue;
    }
    if (dts <= (lastDts.get(stream) ?? Number.NEGATIVE_INFINITY)) dtsMonotonic = false;
    if (pts < dts) ptsBeforeDts++;
    lastDts.set(stream, dts);
  }
  return { dtsMonotonic, ptsBeforeDts };
}

async function strictDecode(ffmpegPath: string, clipPath: string): Promise<string> {
  const { exitCode, stderr } = await runChild(ffmpegPath, [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-xerror', '-err_detect', 'explode'],
    ...['-i', clipPath, '-f', 'null', '-'],
  ]);
  const complaint = stderr.trim().split('\n')[0] ?? '';
  return complaint === '' && exitCode !== 0 ? `ffmpeg exits with ${exitCode}` : complaint;
}

/** Walks the boxes of the file's top level (ISO/IEC 14496-12, 4.2): which of the two comes first? */
async function isFaststart(clipPath: string): Promise<boolean> {
  const file = await open(clipPath, 'r');
  try {
    for await (const type of topLevelBoxes(file)) {
      if (type === 'moov' || type === 'mdat') return type === 'moov';
    }
    return false;
  } finally {
    await file.close();
  }
}

async function* topLevelBoxes(file: FileHandle): AsyncGenerator<string> {
  const header = Buffer.alloc(16);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(header, 0, 16, at);
    if (bytesRead < 8) return;
    yield header.toString('latin1', 4, 8);
    // A size of 1 announces a 64-bit size behind the type, 0 a box that ends with the file.
    const short = header.readUInt32BE(0);
    const size = short === 1 && bytesRead === 16 ? Number(header.readBigUInt64BE(8)) : short;
    if (size < 8) return;
    at += size;
  }
}
