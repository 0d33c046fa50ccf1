import { NotCopyableError } from '../../not-copyable.ts';
import type { FileWindow } from '../../source/file-window.ts';

// FLAC: RFC 9639.

const MARK_BYTES = 4;
const BLOCK_HEADER_BYTES = 4;
const STREAM_INFO = 0;
const STREAM_INFO_BYTES = 34;
const IS_LAST = 0x80;

/** What a FLAC file says about all of its frames. */
export interface StreamInfo {
  /** As it is in the file. */
  bytes: Buffer;
  sampleRate: number;
  channels: number;
  bitsPerSample: number;
  /** Of each channel; 0: not told. */
  sampleCount: number;
  /** Samples of each channel in a frame, where all but the last have as many. */
  frameSamples?: number;
  /** 0: not told. */
  maxFrameBytes: number;
  /** Where the first frame begins. */
  framesAt: number;
}

/** @param at where `fLaC` stands */
export async function readStreamInfo(window: FileWindow, at: number): Promise<StreamInfo> {
  let info: Buffer | undefined;
  let framesAt = at + MARK_BYTES;
  for (let isLast = false; !isLast; ) {
    const header = await window.bytes(framesAt, BLOCK_HEADER_BYTES);
    if (header.length < BLOCK_HEADER_BYTES) throw damaged();
    isLast = (header[0]! & IS_LAST) !== 0;
    const bodyAt = framesAt + BLOCK_HEADER_BYTES;
    if ((header[0]! & 0x7f) === STREAM_INFO) {
      info = Buffer.from(await window.bytes(bodyAt, STREAM_INFO_BYTES));
    }
    framesAt = bodyAt + header.readUIntBE(1, 3);
  }
  if (info?.length !== STREAM_INFO_BYTES) throw damaged();
  const sampleRate = info.readUIntBE(10, 3) >> 4;
  if (sampleRate === 0) throw damaged();
  const [least, most] = [info.readUInt16BE(0), info.readUInt16BE(2)];
  return {
    bytes: info,
    sampleRate,
    channels: ((info[12]! >> 1) & 7) + 1,
    bitsPerSample: (((info[12]! & 1) << 4) | (info[13]! >> 4)) + 1,
    sampleCount: (info[13]! & 15) * 2 ** 32 + info.readUInt32BE(14),
    ...(least === most ? { frameSamples: most } : {}),
    maxFrameBytes: info.readUIntBE(7, 3),
    framesAt,
  };
}

const damaged = () => new NotCopyableError('the FLAC is damaged');

const SAMPLE_COUNT_AT = 13;

/** The beginning of a FLAC of some of the frames: how many samples there are and their hash are not told. */
export function streamHeader({ bytes }: StreamInfo): Buffer {
  const info = Buffer.from(bytes);
  info[SAMPLE_COUNT_AT]! &= 0xf0;
  info.fill(0, SAMPLE_COUNT_AT + 1);
  const header = Buffer.from([IS_LAST | STREAM_INFO, 0, 0, STREAM_INFO_BYTES]);
  return Buffer.concat([Buffer.from('fLaC'), header, info]);
}
